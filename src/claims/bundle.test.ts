import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBundle, writeBundle } from "#claims/bundle.ts";
import { isBundleType } from "#claims/bundleDocument.ts";
import { bundleLayerOf, writeBundleManifest } from "#claims/bundleManifest.ts";
import type { Found } from "#claims/claim.ts";
import { digestOf } from "#core/digest.ts";
import { parseManifest, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const found: Found = { form: "bundle", manifest: digestOf("manifest") };
const PAYLOAD = Buffer.from("pay?>load");
const good = {
  mediaType: MEDIA_TYPE.bundle as string,
  verificationMaterial: { publicKey: { hint: "aGludA==" } } as object,
  dsseEnvelope: { payload: PAYLOAD.toString("base64"), payloadType: "t", signatures: [{ sig: "AQID" }] } as object,
};
const read = (bundle: unknown) => readBundle(Buffer.from(JSON.stringify(bundle)), found);
const entry = {
  logIndex: "1",
  logId: { keyId: "AA==" },
  kindVersion: { kind: "dsse", version: "0.0.1" },
  integratedTime: "1",
  inclusionPromise: { signedEntryTimestamp: "AA==" },
  inclusionProof: { logIndex: "1", rootHash: "AA==", treeSize: "2", hashes: ["AA=="], checkpoint: { envelope: "x" } },
  canonicalizedBody: "AA==",
};

describe("writeBundle", () => {
  it("writes the members of cosign's keyed bundles and no others", () => {
    const bytes = writeBundle({
      payloadType: "t",
      payload: PAYLOAD,
      signature: Buffer.of(1, 2, 3),
      publicKeySpki: Buffer.of(4),
    });
    expect(Buffer.from(bytes).toString()).toBe(
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":' +
        '"5S2cUIxQI0c0TYwHrZHL1gaK/HX/YpLwYqCco4HInnE="}},"dsseEnvelope":{"payload":"cGF5Pz5sb2Fk","payloadType":"t",' +
        '"signatures":[{"sig":"AQID"}]}}',
    );
  });
});

describe("readBundle", () => {
  it("reads what is written", () => {
    const bytes = Buffer.from(JSON.stringify(good));
    expect(readBundle(bytes, found)).toEqual({
      kind: "dsse",
      found,
      envelope: { payloadType: "t", payload: PAYLOAD, signatures: [{ keyid: "", sig: Buffer.of(1, 2, 3) }] },
      material: "public-key",
      keyHint: "aGludA==",
      bytes,
    });
  });

  it.each([
    ["application/vnd.dev.sigstore.bundle.v0.1+json"],
    ["application/vnd.dev.sigstore.bundle.v0.2+json"],
    ["application/vnd.dev.sigstore.bundle+json;version=0.1"],
    ["application/vnd.dev.sigstore.bundle+json;version=0.2"],
    ["application/vnd.dev.sigstore.bundle+json;version=0.3"],
  ])("reads %s", (mediaType) => {
    expect(read({ ...good, mediaType }).kind).toBe("dsse");
  });

  it("reads snake_case names, the URL alphabet, null fields, and log entries as sigstore-js writes them", () => {
    const snake = {
      media_type: good.mediaType,
      verification_material: { public_key: {}, tlog_entries: [], timestamp_verification_data: null, certificate: null },
      dsse_envelope: {
        payload: PAYLOAD.toString("base64url"),
        payload_type: "t",
        signatures: [{ sig: "AQID", keyid: "k" }],
      },
    };
    expect(read(snake)).toMatchObject({ kind: "dsse", envelope: { payload: PAYLOAD }, material: "public-key" });
    const logged = {
      publicKey: { hint: "x" },
      tlogEntries: [entry],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: "AA==" }] },
    };
    expect(read({ ...good, verificationMaterial: logged }).kind).toBe("dsse");
  });

  it("says that a certificate signed, of whatever version", () => {
    expect(read({ ...good, verificationMaterial: { certificate: { rawBytes: "MAA=" } } })).toMatchObject({
      material: "certificate",
    });
    const chain = { x509CertificateChain: { certificates: [{ rawBytes: "MAA=" }] } };
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.2+json";
    expect(read({ ...good, mediaType, verificationMaterial: chain })).toMatchObject({ material: "certificate" });
  });

  const chain = { x509CertificateChain: { certificates: [{ rawBytes: "MAA=" }] } };
  it.each([
    ["a chain in v0.3", { verificationMaterial: chain }, /chain/],
    ["a key and a certificate", { verificationMaterial: { publicKey: {}, certificate: {} } }, /names 2/],
    ["neither key nor certificate", { verificationMaterial: {} }, /names 0/],
    ["no material", { verificationMaterial: undefined }, /verificationMaterial/],
    ["a version to come", { mediaType: "application/vnd.dev.sigstore.bundle.v0.4+json" }, /media type/],
    ["no media type", { mediaType: undefined }, /media type null/],
    ["a message signature", { dsseEnvelope: undefined, messageSignature: { signature: "AA==" } }, /signs a message/],
    ["both contents", { messageSignature: { signature: "AA==" } }, /signs a message/],
    ["no content", { dsseEnvelope: undefined }, /neither a DSSE envelope nor/],
    ["no signature", { dsseEnvelope: { ...good.dsseEnvelope, signatures: [] } }, /0 signatures/],
    [
      "two signatures",
      { dsseEnvelope: { ...good.dsseEnvelope, signatures: [{ sig: "AA==" }, { sig: "AA==" }] } },
      /2 signatures/,
    ],
    ["an unknown field", { more: 1 }, /unknown field "more"/],
    [
      "an unknown field deep inside",
      { verificationMaterial: { publicKey: { hint: "", key: "" } } },
      /unknown field "key"/,
    ],
    ["a field in both spellings", { media_type: good.mediaType }, /both spellings/],
    ["an object where a text belongs", { mediaType: {} }, /no plain value/],
    ["a list where an object belongs", { dsseEnvelope: [] }, /no object/],
    ["an object where a list belongs", { dsseEnvelope: { ...good.dsseEnvelope, signatures: {} } }, /no list/],
    ["a payload that is no base64", { dsseEnvelope: { ...good.dsseEnvelope, payload: "%%" } }, /not base64/],
  ])("says why not: %s", (_, change, reason) => {
    expect(read({ ...good, ...change })).toMatchObject({
      kind: "unreadable",
      found,
      reason: expect.stringMatching(reason) as unknown,
    });
  });

  it("throws nothing, whatever the bytes", () => {
    const keys = fc.constantFrom(...Object.keys(good), "publicKey", "certificate", "payload", "signatures", "sig");
    const tree = fc.dictionary(
      keys,
      fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.dictionary(keys, fc.jsonValue({ maxDepth: 1 }))),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), tree), (input) => {
        const bytes = input instanceof Uint8Array ? input : Buffer.from(JSON.stringify({ ...good, ...input }));
        expect(["dsse", "unreadable"]).toContain(readBundle(bytes, found).kind);
      }),
    );
  });
});

describe("bundleLayerOf", () => {
  const layer = { mediaType: MEDIA_TYPE.bundle as string, digest: digestOf("bundle"), size: 6 };
  const image = (layers: readonly object[]) =>
    parseManifest(
      rawManifest(
        Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: layer, layers })),
        MEDIA_TYPE.ociManifest,
      ),
    );

  it("finds the one layer of what we write", () => {
    const subject = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf("image"), size: 5 };
    const raw = writeBundleManifest({ bundle: layer, predicateType: "https://example.com/x", subject });
    expect(bundleLayerOf(parseManifest(raw))).toEqual(layer);
    expect(parseManifest(raw)).toMatchObject({ subject, artifactType: MEDIA_TYPE.bundle });
  });

  it("takes exactly one layer of a bundle's type", () => {
    expect(bundleLayerOf(image([layer]))).toEqual(layer);
    expect(bundleLayerOf(image([]))).toBeUndefined();
    expect(bundleLayerOf(image([layer, layer]))).toBeUndefined();
    expect(bundleLayerOf(image([{ ...layer, mediaType: "application/json" }]))).toBeUndefined();
    const index = rawManifest(Buffer.from('{"schemaVersion":2,"manifests":[]}'), MEDIA_TYPE.ociIndex);
    expect(bundleLayerOf(parseManifest(index))).toBeUndefined();
  });

  it("knows v0.1 to v0.3 in both spellings", () => {
    expect(isBundleType("application/vnd.dev.sigstore.bundle+json;version=0.3")).toBe(true);
    expect(isBundleType("application/vnd.dev.sigstore.bundle.v0.9+json")).toBe(false);
  });
});
