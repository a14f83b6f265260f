import { existsSync, globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inspectBundle } from "#app/inspectBundle.ts";
import type { InspectedBundle } from "#app/inspectBundle.ts";
import { writeLocalBundle } from "#claims/localBundle.ts";
import { WaybillError } from "#core/errors.ts";

const DATA = "../shared/data";
const CONFORMANCE = `${DATA}/sigstore-conformance/bundle-verify`;
const missing = !existsSync(CONFORMANCE) || !existsSync(`${DATA}/papers`);

const inspect = (value: unknown): InspectedBundle => inspectBundle(Buffer.from(JSON.stringify(value)));

/** The value, or the code of the refusal; anything else that is thrown is a fault. */
const outcomeOf = (bytes: Uint8Array): InspectedBundle | string => {
  try {
    return inspectBundle(bytes);
  } catch (error) {
    if (error instanceof WaybillError) return error.code;
    throw error;
  }
};

const local = (more: object) => ({ base64Signature: "AQID", ...more });
const REKOR = {
  SignedEntryTimestamp: "AQID",
  Payload: {
    body: Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{}}').toString("base64"),
    integratedTime: 1689177396,
    logIndex: 27246492,
    logID: "c0d2",
  },
};

describe("inspectBundle", () => {
  it("reads cosign's bundle file from before Sigstore bundles, its log entry too", () => {
    const { mediaType, content, material, logEntries } = inspect(local({ rekorBundle: REKOR }));
    expect({ mediaType, content, material }).toEqual({
      mediaType: undefined,
      content: { kind: "message", signature: 3, digest: undefined },
      material: { kind: "none" },
    });
    expect(logEntries).toMatchObject([
      { kind: "hashedrekord", version: "0.0.1", index: 27246492n, integratedTime: 1689177396n, proof: undefined },
    ]);
    expect(inspect(local({ rekorBundle: null })).logEntries).toEqual([]);
    expect(outcomeOf(Buffer.from(JSON.stringify(local({ rekorBundle: { Payload: 1 } }))))).toBe("INPUT_INVALID");
  });

  it("tells an envelope in such a file from a signature that begins with the same byte", () => {
    const envelope = { payloadType: "t", payload: "AQID", signatures: [] };
    const statement = writeLocalBundle(
      Buffer.from(JSON.stringify(envelope)),
      "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n",
    );
    expect(inspectBundle(statement).content.kind).toBe("dsse");
    expect(inspectBundle(statement).material.kind).toBe("public-key");
    const signature = Buffer.concat([Buffer.from("{"), Buffer.alloc(63, 0xff)]);
    expect(inspect({ base64Signature: signature.toString("base64") }).content.kind).toBe("message");
  });

  it("shows what is no certificate and no timestamp as such", () => {
    const bundle = inspect({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: {
        certificate: { rawBytes: "AQID" },
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: "AQID" }] },
      },
      messageSignature: { signature: "AQID" },
    });
    expect(bundle.material).toEqual({ kind: "certificates", certificates: [undefined] });
    expect(bundle.timestamps).toEqual([{ size: 3, time: undefined }]);
    expect(bundle.flaws).toEqual(["holds a certificate 0 that is none", "holds a timestamp 0 that names no time"]);
  });
});

describe.skipIf(missing)("inspectBundle on bundles of others", () => {
  const files = [
    ...globSync(`${CONFORMANCE}/*/bundle.sigstore.json`),
    ...globSync(`${DATA}/papers/blob/*.json`),
    // Bundles that lie in layouts, good and bent.
    ...globSync(`${DATA}/papers/layouts/*/blobs/sha256/*`).filter((path) =>
      readFileSync(path).subarray(0, 200).includes("vnd.dev.sigstore.bundle"),
    ),
  ];
  const bundleOf = (name: string) => readFileSync(`${CONFORMANCE}/${name}/bundle.sigstore.json`);

  it("shows each or refuses it with a code", () => {
    const outcomes = files.map((path) => [path, outcomeOf(readFileSync(path))] as const);
    const refused = outcomes.filter(([, outcome]) => typeof outcome === "string");
    expect(outcomes.length).toBeGreaterThan(100);
    expect(outcomes.length - refused.length).toBeGreaterThan(100);
    expect(new Set(refused.map(([, code]) => code))).toEqual(new Set(["INPUT_INVALID"]));
    const conformance = refused.flatMap(([path]) =>
      path.includes("conformance") ? (path.split("/").at(-2) ?? "") : [],
    );
    expect(conformance.toSorted()).toEqual([
      "bundle-invalid-base64-signature_fail",
      "bundle-malformed-json_fail",
      "bundle-negative-log-index_fail",
      "bundle-unknown-version_fail",
      // Its timestamp is base64 in lines.
      "rekor2-timestamp-with-incorrect-time_fail",
    ]);
  });

  it("reads certificate, log entry and timestamp", () => {
    const { material, logEntries, timestamps, flaws } = inspectBundle(bundleOf("rekor2-dsse-happy-path"));
    expect(material).toMatchObject({
      kind: "certificates",
      certificates: [
        {
          issuer: "O=sigstore.dev, CN=sigstore-intermediate",
          oidcIssuer: "https://token.actions.githubusercontent.com",
          notBefore: new Date("2026-05-13T19:23:32Z"),
          names: expect.stringMatching(/^URI:https:\/\/github\.com\/sigstore-conformance\//) as string,
        },
      ],
    });
    expect(logEntries).toMatchObject([
      { index: 4026478n, kind: "hashedrekord", version: "0.0.2", proof: { hashes: { length: 13 } } },
    ]);
    expect(timestamps).toEqual([{ size: 717, time: new Date("2026-05-13T19:23:33Z") }]);
    expect(flaws).toEqual([]);
  });

  it.each([
    [
      "bundle-empty-certificate-chain_fail",
      "holds a certificate chain without certificates",
      "has a log entry 0 whose inclusion proof has no checkpoint",
    ],
    ["intoto-missing-inclusion-proof_fail", "has a log entry 0 without an inclusion proof"],
    ["rekor2-no-inclusion-proof_fail", "has a log entry 0 without an inclusion proof"],
  ])("says what verifiers refuse: %s", (name, ...flaws) => {
    expect(inspectBundle(bundleOf(name)).flaws).toEqual(flaws);
  });

  it("never fails on damaged bytes but with a code", () => {
    const seeds = ["rekor2-dsse-happy-path", "happy-path-v0.1", "managed-key-happy-path"].map(bundleOf);
    const hits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 32, max: 126 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), hits, fc.nat(), (seed, changes, cut) => {
        const bytes = Buffer.from(seed.subarray(0, cut % 3 === 0 ? cut % seed.byteLength : undefined));
        for (const [at, byte] of changes) if (bytes.byteLength > 0) bytes[at % bytes.byteLength] = byte;
        const outcome = outcomeOf(bytes);
        expect(["shown", "INPUT_INVALID", "LIMIT_EXCEEDED"]).toContain(typeof outcome === "string" ? outcome : "shown");
      }),
    );
  });
});
