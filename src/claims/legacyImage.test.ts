import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendLegacyLayers,
  attestationLayer,
  claimFromLegacyLayer,
  legacyTag,
  readLegacyImage,
  readLegacyLayers,
  signatureLayer,
} from "#claims/legacyImage.ts";
import type { Found } from "#claims/claim.ts";
import { writeEnvelope } from "#claims/dsse.ts";
import { digestHex, digestOf } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const digest = digestOf("image");
const found: Found = { form: "legacy", manifest: digest, tag: "sha256-x.sig", layer: 0 };
const SIGNATURE = "dev.cosignproject.cosign/signature";
const paper = signatureLayer(Buffer.from("payload"), Buffer.of(1, 2, 3));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("legacyTag", () => {
  it("is cosign's", () => {
    expect(legacyTag(digest, "sig")).toBe(`sha256-${digestHex(digest)}.sig`);
  });
});

describe("layers", () => {
  it("carry a signature in an annotation", () => {
    expect(paper).toEqual({
      layer: {
        mediaType: MEDIA_TYPE.simpleSigning,
        size: 7,
        digest: digestOf("payload"),
        annotations: { [SIGNATURE]: "AQID" },
      },
      bytes: Buffer.from("payload"),
    });
  });

  it("carry an attestation with its type and an empty signature", () => {
    const { layer } = attestationLayer(Buffer.from("{}"), "https://example.com/x");
    expect(layer).toMatchObject({
      mediaType: MEDIA_TYPE.dsseEnvelope,
      annotations: { [SIGNATURE]: "", predicateType: "https://example.com/x" },
    });
  });
});

describe("appendLegacyLayers", () => {
  it("writes cosign's bytes for a new image", () => {
    const { manifest, config } = appendLegacyLayers(undefined, [paper.layer]);
    expect(text(config.bytes)).toBe(
      '{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"",' +
        `"rootfs":{"type":"layers","diff_ids":["${paper.layer.digest}"]},"config":{}}`,
    );
    expect(config).toMatchObject({ size: 233, digest: digestOf(config.bytes) });
    expect(text(manifest.bytes)).toBe(
      `{"schemaVersion":2,"mediaType":"${MEDIA_TYPE.ociManifest}",` +
        `"config":{"mediaType":"${MEDIA_TYPE.ociConfig}","size":233,"digest":"${config.digest}"},` +
        `"layers":[{"mediaType":"${MEDIA_TYPE.simpleSigning}","size":7,"digest":"${paper.layer.digest}",` +
        `"annotations":{"${SIGNATURE}":"AQID"}}]}`,
    );
    expect(manifest.digest).toBe(digestOf(manifest.bytes));
  });

  it("writes docker's types where they are wanted, into what is new alone", () => {
    const docker = appendLegacyLayers(undefined, [paper.layer], "docker");
    const oci = appendLegacyLayers(undefined, [paper.layer]);
    expect(docker.manifest.mediaType).toBe(MEDIA_TYPE.dockerManifest);
    expect(text(docker.manifest.bytes)).toBe(
      text(oci.manifest.bytes)
        .replace(MEDIA_TYPE.ociManifest, MEDIA_TYPE.dockerManifest)
        .replace(MEDIA_TYPE.ociConfig, MEDIA_TYPE.dockerConfig),
    );
    const appended = appendLegacyLayers(oci.manifest, [paper.layer], "docker");
    expect(appended.manifest.mediaType).toBe(MEDIA_TYPE.ociManifest);
    expect(text(appended.manifest.bytes)).not.toContain("docker.container.image");
  });

  it("keeps what others wrote: types, descriptors with unknown fields, annotations, order", () => {
    const layers = [
      {
        mediaType: "text/plain",
        size: 1,
        digest,
        data: "eA==",
        "x-new": { a: [1, "<"] },
        annotations: { z: "1", a: "2" },
      },
      { mediaType: MEDIA_TYPE.simpleSigning, size: 2, digest },
    ];
    const rest = {
      annotations: { "org.example": "x" },
      subject: { mediaType: "x", size: 1, digest },
      artifactType: "t",
      more: [],
    };
    const config = { mediaType: MEDIA_TYPE.dockerConfig, size: 1, digest };
    const before = { schemaVersion: 2, mediaType: MEDIA_TYPE.dockerManifest, config, layers, ...rest };
    const raw = rawManifest(Buffer.from(JSON.stringify(before)), MEDIA_TYPE.dockerManifest);
    const { manifest, config: blob } = appendLegacyLayers(raw, [paper.layer]);
    expect(manifest.mediaType).toBe(MEDIA_TYPE.dockerManifest);
    const after = JSON.parse(text(manifest.bytes)) as unknown;
    expect(after).toEqual({
      ...before,
      config: { mediaType: MEDIA_TYPE.dockerConfig, size: blob.size, digest: blob.digest },
      layers: [...layers, paper.layer],
    });
    expect(text(manifest.bytes)).toContain(JSON.stringify(layers[0]).replace("<", String.raw`\u003c`));
    expect(JSON.parse(text(blob.bytes))).toMatchObject({ rootfs: { diff_ids: [digest, digest, paper.layer.digest] } });
  });

  it("reads back as what was put in, however it was split", () => {
    const one = fc.record({
      size: fc.nat(),
      signature: fc.base64String(),
      more: fc.dictionary(fc.string(), fc.string()),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.nat({ max: 6 }), (parts, at) => {
        const layers = parts.map(({ size, signature, more }) => ({
          mediaType: MEDIA_TYPE.simpleSigning,
          digest: digestOf(signature),
          size,
          annotations: { ...more, [SIGNATURE]: signature },
        }));
        const whole = appendLegacyLayers(undefined, layers);
        const first = appendLegacyLayers(undefined, layers.slice(0, at)).manifest;
        const both = appendLegacyLayers(first, layers.slice(at));
        expect(
          readLegacyLayers(whole.manifest).map((layer) => ({ ...layer, annotations: { ...layer.annotations } })),
        ).toEqual(layers);
        expect(text(both.config.bytes)).toBe(text(whole.config.bytes));
        expect(JSON.parse(text(both.manifest.bytes))).toEqual(JSON.parse(text(whole.manifest.bytes)));
      }),
    );
  });
});

describe("readLegacyImage", () => {
  it("takes the layers of the wanted kind and says where they stand", () => {
    const other = { ...paper.layer, mediaType: "text/plain" };
    const { manifest } = appendLegacyLayers(undefined, [other, paper.layer]);
    expect(readLegacyImage(manifest, "sig").layers).toEqual([
      { ...paper.layer, annotations: expect.objectContaining({ [SIGNATURE]: "AQID" }) as unknown, position: 1 },
    ]);
  });

  it("answers an image without layers with none, one of other layers with the reason", () => {
    expect(readLegacyImage(appendLegacyLayers(undefined, []).manifest, "sig").layers).toEqual([]);
    const { manifest } = appendLegacyLayers(undefined, [{ ...paper.layer, mediaType: "text/plain" }]);
    expect(() => readLegacyImage(manifest, "sig")).toThrow(/"text\/plain"/);
  });
});

describe("a layer that is no descriptor", () => {
  const good = { ...paper.layer, annotations: { [SIGNATURE]: "AQID" } };
  const bent: readonly (readonly [string, unknown])[] = [
    ["a number", 7],
    ["null", null],
    ["without a size", { ...good, size: undefined }],
    ["of a digest in upper case", { ...good, digest: good.digest.toUpperCase() }],
    ["with a number as annotation", { ...good, annotations: { [SIGNATURE]: 1 } }],
    ["with an annotation of 2 MiB", { ...good, annotations: { [SIGNATURE]: "A".repeat(2 * 1024 * 1024) } }],
  ];
  it.each(bent)("attack 26: is one broken paper beside a good one: %s", (_, layer) => {
    const { manifest } = appendLegacyLayers(undefined, []);
    const value = { ...(JSON.parse(text(manifest.bytes)) as object), layers: [layer, good] };
    const image = readLegacyImage(rawManifest(Buffer.from(JSON.stringify(value)), manifest.mediaType), "sig");
    expect(image.layers).toMatchObject([{ digest: good.digest, position: 1 }]);
    expect(image.broken).toEqual([{ position: 0, reason: expect.stringContaining("layers[0]") as string }]);
  });
});

describe("claimFromLegacyLayer", () => {
  const read = (annotations: Readonly<Record<string, string>> | undefined) =>
    claimFromLegacyLayer(found, annotations === undefined ? {} : { annotations }, Buffer.from("payload"), "sig");

  it("reads a signature and whether a certificate lies beside it", () => {
    expect(read({ [SIGNATURE]: "AQID" })).toEqual({
      kind: "simple-signing",
      found,
      payload: Buffer.from("payload"),
      signature: Buffer.of(1, 2, 3),
      material: "none",
    });
    expect(read({ [SIGNATURE]: "AQID", "dev.sigstore.cosign/certificate": "PEM" })).toMatchObject({
      material: "certificate",
    });
  });

  it.each([
    ["is missing", undefined],
    ["is missing", {}],
    ["is empty", { [SIGNATURE]: "" }],
    ["is not base64", { [SIGNATURE]: "%%ID" }],
    ["is not base64", { [SIGNATURE]: "-_-_" }],
    ["is not base64", { [SIGNATURE]: "AQI" }],
  ])("says that the annotation %s", (reason, annotations) => {
    expect(read(annotations)).toMatchObject({
      kind: "unreadable",
      found,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  it("reads an envelope and keeps its bytes", () => {
    const bytes = writeEnvelope(MEDIA_TYPE.inToto, Buffer.from("{}"), [{ keyid: "", sig: Buffer.of(1) }]);
    expect(claimFromLegacyLayer(found, {}, bytes, "att")).toMatchObject({ kind: "dsse", material: "none", bytes });
    expect(claimFromLegacyLayer(found, {}, Buffer.from("<xml/>"), "att")).toMatchObject({ kind: "unreadable" });
  });

  it("throws nothing, whatever the bytes and the annotation", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.string({ maxLength: 20 }), (bytes, signature) => {
        const layer = { annotations: { [SIGNATURE]: signature } };
        expect(["simple-signing", "unreadable"]).toContain(claimFromLegacyLayer(found, layer, bytes, "sig").kind);
        expect(["dsse", "unreadable"]).toContain(claimFromLegacyLayer(found, layer, bytes, "att").kind);
      }),
    );
  });
});
