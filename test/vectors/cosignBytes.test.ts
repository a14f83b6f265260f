import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBundle, writeBundle } from "#claims/bundle.ts";
import { bundleLayerOf, writeBundleManifest } from "#claims/bundleManifest.ts";
import { readEnvelope, writeEnvelope } from "#claims/dsse.ts";
import {
  appendLegacyLayers,
  attestationLayer,
  legacyTag,
  readLegacyImage,
  signatureLayer,
} from "#claims/legacyImage.ts";
import { readSimpleSigning, writeSimpleSigning } from "#claims/simpleSigning.ts";
import { onlyStrings, readStatement, writeSignatureStatement } from "#claims/statement.ts";
import { parseManifest, rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { openPaperLayout, papersMissing, papersPath } from "./paperLayout.ts";

// What our writers make of the same parts must be cosign's bytes; the golden ones are in layouts that cosign alone wrote.

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const layoutNamed = (prefix: string): readonly string[] =>
  papersMissing ? [] : readdirSync(papersPath("layouts")).filter((name) => name.startsWith(prefix));

const legacyOf = (name: string, suffix: "sig" | "att") => {
  const layout = openPaperLayout(`layouts/${name}`);
  const raw = layout.readManifest(legacyTag(layout.resolve("1.0"), suffix));
  if (raw === undefined) throw new TypeError(`${name} has no .${suffix} tag`);
  return { raw, layout, layers: readLegacyImage(raw, suffix).layers };
};

const bundlesOf = (name: string) => {
  const layout = openPaperLayout(`layouts/${name}`);
  return layout.referrers(layout.resolve("1.0"), false).map((raw) => {
    const manifest = parseManifest(raw);
    const layer = bundleLayerOf(manifest);
    if (layer === undefined || manifest.subject === undefined) throw new TypeError(`${name} has another referrer`);
    const bytes = layout.readBlob(layer);
    const claim = readBundle(bytes, { form: "bundle", manifest: raw.digest });
    if (claim.kind !== "dsse") throw new TypeError(`${name} has an unreadable bundle`);
    return { raw, manifest, subject: manifest.subject, layer, bytes, claim };
  });
};

describe.skipIf(papersMissing)("cosign's bytes, written by us from the same parts", () => {
  const BY_COSIGN = ["sig-cosign223", "sig-cosign2", "sig-cosign3", "sig-cosign3-notes", "sig-three-keys", "docker"];

  it.each(BY_COSIGN)("manifest and config of the signatures of %s", (name) => {
    const { raw, layers, layout } = legacyOf(name, "sig");
    const written = appendLegacyLayers(undefined, layers);
    expect(text(written.manifest.bytes)).toBe(text(raw.bytes));
    const manifest = parseManifest(raw);
    expect(manifest).toMatchObject({ config: { digest: written.config.digest, size: written.config.size } });
    expect(text(written.config.bytes)).toBe(text(layout.readBlob(written.config)));
  });

  it("a config of 233 bytes for one layer, 342 for two, 451 for three", () => {
    const { layers } = legacyOf("sig-three-keys", "sig");
    const sizes = [1, 2, 3].map((count) => appendLegacyLayers(undefined, layers.slice(0, count)).config.size);
    expect(sizes).toEqual([233, 342, 451]);
  });

  it("three signatures added one after another", () => {
    const { raw, layers } = legacyOf("sig-three-keys", "sig");
    let current: RawManifest | undefined;
    for (const layer of layers) current = appendLegacyLayers(current, [layer]).manifest;
    expect(text(current?.bytes ?? Buffer.of())).toBe(text(raw.bytes));
  });

  it.each(["att-cosign223", "att-cosign2", "att-cosign3"])("manifest of the attestations of %s", (name) => {
    const { raw, layers } = legacyOf(name, "att");
    expect(text(appendLegacyLayers(undefined, layers).manifest.bytes)).toBe(text(raw.bytes));
  });

  it.each([...BY_COSIGN, ...layoutNamed("sig-p"), ...layoutNamed("sig-rsa")].filter((name) => !/payload/.test(name)))(
    "simple-signing payloads and layers of %s",
    (name) => {
      const { layers, layout } = legacyOf(name, "sig");
      for (const { position: _, ...layer } of layers) {
        const bytes = layout.readBlob(layer);
        const { digest, dockerReference, optional } = readSimpleSigning(bytes);
        const annotations = onlyStrings(optional);
        expect(text(writeSimpleSigning({ digest, dockerReference, annotations }))).toBe(text(bytes));
        const signature = Buffer.from(layer.annotations?.["dev.cosignproject.cosign/signature"] ?? "", "base64");
        expect(signatureLayer(bytes, signature).layer).toEqual(layer);
      }
    },
  );

  it.each(["att-cosign223", "att-cosign2"])("envelopes and layers of %s", (name) => {
    const { layers, layout } = legacyOf(name, "att");
    expect(layers.length).toBeGreaterThan(7);
    for (const { position: _, ...layer } of layers) {
      const bytes = layout.readBlob(layer);
      const { payloadType, payload, signatures } = readEnvelope(bytes);
      expect(text(writeEnvelope(payloadType, payload, signatures))).toBe(text(bytes));
      expect(attestationLayer(bytes, readStatement(payload).predicateType).layer).toEqual(layer);
    }
  });

  const BUNDLES = [
    ["bundle-cosign2", "cosign2"],
    ["bundle-cosign3", "cosign3"],
    ["bundle-cosign3-notes", "cosign3"],
    ["bundle-att-cosign2", "cosign2"],
    ["bundle-att-cosign3", "cosign3"],
    ["bundle-p384", "p384"],
    ["bundle-ed25519", "ed25519"],
    ["bundle-rsa4096", "rsa4096"],
  ] as const;

  it.each(BUNDLES)("bundles of %s", (name, key) => {
    const { spki } = parsePublicKey(readFileSync(papersPath(`keys/${key}.pub`)));
    const bundles = bundlesOf(name);
    expect(bundles.length).toBeGreaterThan(0);
    for (const { bytes, claim } of bundles) {
      const { payloadType, payload, signatures } = claim.envelope;
      const [{ sig } = { sig: Buffer.of() }] = signatures;
      expect(text(writeBundle({ payloadType, payload, signature: sig, publicKeySpki: spki }))).toBe(text(bytes));
    }
  });

  it.each(BUNDLES)("manifests of the bundles of %s, but for the clock", (name) => {
    for (const { raw, subject, layer, claim } of bundlesOf(name)) {
      const { predicateType } = readStatement(claim.envelope.payload);
      const timeless = text(raw.bytes).replace(/,"org\.opencontainers\.image\.created":"[^"]*"/, "");
      expect(timeless).not.toBe(text(raw.bytes));
      const written = writeBundleManifest({ bundle: layer, predicateType, subject });
      expect(text(written.bytes)).toBe(timeless);
      expect(written).toEqual(rawManifest(written.bytes, raw.mediaType));
    }
  });

  it.each(["bundle-cosign3", "bundle-cosign3-notes", "both-forms"])("signature statements of %s", (name) => {
    for (const { claim, subject } of bundlesOf(name)) {
      const annotations = readStatement(claim.envelope.payload).subjects[0]?.annotations ?? {};
      const written = writeSignatureStatement({ digest: subject.digest, annotations });
      expect(text(written)).toBe(text(claim.envelope.payload));
    }
  });
});
