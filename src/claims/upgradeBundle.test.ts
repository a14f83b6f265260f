import { existsSync, globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBundleDocument } from "#claims/bundleDocument.ts";
import { readBundleParts } from "#claims/bundleParts.ts";
import type { SigningMaterial } from "#claims/bundleParts.ts";
import { upgradeBundle } from "#claims/upgradeBundle.ts";
import { hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const CONFORMANCE = "../shared/data/sigstore-conformance/bundle-verify";
const OLD = "application/vnd.dev.sigstore.bundle+json;version=0.1";

const PROOF = { logIndex: "1", rootHash: "AA==", treeSize: "2", hashes: [], checkpoint: { envelope: "x" } };
const ENTRY = { logIndex: "1", inclusionPromise: { signedEntryTimestamp: "AA==" }, canonicalizedBody: "AA==" };
const bundle = (material: object, mediaType = OLD) => ({
  mediaType,
  verificationMaterial: material,
  dsseEnvelope: { payload: "cGF5", payloadType: "t", signatures: [{ sig: "AQID", keyid: "k" }] },
});
const upgrade = (value: unknown, leafOnly = false) => upgradeBundle(Buffer.from(JSON.stringify(value)), { leafOnly });
const textOf = (value: unknown, leafOnly = false) =>
  JSON.parse(Buffer.from(upgrade(value, leafOnly).bytes).toString()) as unknown;
const chain = (...rawBytes: readonly string[]) => ({
  x509CertificateChain: { certificates: rawBytes.map((one) => ({ rawBytes: one })) },
});

describe("upgradeBundle", () => {
  it("changes the media type and the chain, and nothing else", () => {
    const proofs = {
      tlogEntries: [{ ...ENTRY, inclusionProof: PROOF }],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: "AQID" }] },
    };
    const old = bundle({ ...chain("AQID"), ...proofs });
    expect(textOf(old)).toEqual({
      ...old,
      mediaType: MEDIA_TYPE.bundle,
      verificationMaterial: { certificate: { rawBytes: "AQID" }, ...proofs },
    });
    expect(upgrade(old)).toMatchObject({ from: "0.1", dropped: 0 });
    expect(textOf(bundle({ publicKey: { hint: "aA==" } }))).toEqual(
      bundle({ publicKey: { hint: "aA==" } }, MEDIA_TYPE.bundle),
    );
  });

  it("hands on what is of v0.3 to the byte, and only that", () => {
    const bytes = Buffer.from(`${JSON.stringify(bundle({ public_key: {} }, MEDIA_TYPE.bundle), null, 1)}\n`);
    expect(upgradeBundle(bytes, { leafOnly: false })).toEqual({ bytes, from: "0.3", dropped: 0 });
    expect(() => upgrade(bundle(chain("AQID"), MEDIA_TYPE.bundle))).toThrow("which v0.3 forbids");
  });

  it("leaves certificates out only where it is told to", () => {
    expect(() => upgrade(bundle(chain("AQID", "BAUG")))).toThrow("holds a chain of 2 certificates");
    expect(textOf(bundle(chain("AQID", "BAUG")), true)).toMatchObject({
      verificationMaterial: { certificate: { rawBytes: "AQID" } },
    });
    expect(upgrade(bundle(chain("AQID", "BAUG")), true).dropped).toBe(1);
  });

  it.each([
    ["a promise alone", { publicKey: {}, tlogEntries: [ENTRY] }, "without an inclusion proof"],
    [
      "a proof to a root nobody signed",
      { publicKey: {}, tlogEntries: [{ ...ENTRY, inclusionProof: { ...PROOF, checkpoint: null } }] },
      "no checkpoint",
    ],
    ["no certificate", chain(), "without certificates"],
    [
      "a chain beside a certificate",
      { ...chain("AQID"), certificate: { rawBytes: "BAUG" } },
      "names 2 keys or certificates",
    ],
    ["no material", {}, "names 0 keys or certificates"],
  ])("invents no proof for %s", (_, material, reason) => {
    expect(() => upgrade(bundle(material))).toThrow(reason);
  });
});

describe.skipIf(!existsSync(CONFORMANCE))("upgradeBundle on bundles of others", () => {
  const files = globSync(`${CONFORMANCE}/*/bundle.sigstore.json`).map((path) => readFileSync(path));
  const outcomeOf = (bytes: Uint8Array) => {
    try {
      return upgradeBundle(bytes, { leafOnly: true });
    } catch (error) {
      if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) return undefined;
      throw error;
    }
  };

  const leafOf = (material: SigningMaterial): SigningMaterial =>
    material.kind === "certificates"
      ? { ...material, chain: false, certificates: material.certificates.slice(0, 1) }
      : material;

  it("keeps everything that can be read from them, and is content with its own work", () => {
    const upgraded = files.flatMap((bytes) => {
      const outcome = outcomeOf(bytes);
      return outcome === undefined ? [] : [{ bytes, outcome }];
    });
    for (const { bytes, outcome } of upgraded) {
      const before = readBundleParts(readBundleDocument(bytes));
      const after = readBundleParts(readBundleDocument(outcome.bytes));
      const { content, logEntries, timestamps } = before;
      expect(after).toMatchObject({ version: "0.3", content, logEntries, timestamps });
      expect(after.material).toEqual(leafOf(before.material));
      expect(outcomeOf(outcome.bytes)).toEqual({ bytes: outcome.bytes, from: "0.3", dropped: 0 });
    }
    expect(upgraded.filter(({ outcome }) => outcome.from !== "0.3").length).toBeGreaterThan(10);
  });

  it("never fails on damaged bytes but with a code", () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.integer({ min: 32, max: 126 }), (file, at, byte) => {
        const bytes = Buffer.from(file);
        bytes[at % bytes.byteLength] = byte;
        const outcome = outcomeOf(bytes);
        expect(outcome === undefined ? undefined : outcomeOf(outcome.bytes)?.bytes).toEqual(outcome?.bytes);
      }),
    );
  });
});
