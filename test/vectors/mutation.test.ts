import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBundle } from "#claims/bundle.ts";
import type { Candidate } from "#claims/claim.ts";
import { claimFromLegacyLayer, legacyTag, readLegacyImage } from "#claims/legacyImage.ts";
import { readSimpleSigning } from "#claims/simpleSigning.ts";
import { readStatement } from "#claims/statement.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import type { Requirement } from "#trust/verifiedClaim.ts";
import { signedPayload } from "#trust/readSigned.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { gatherCandidates, openPaperLayout, papersMissing, papersPath, readPaperKey } from "./paperLayout.ts";

const AT = new Date("2026-11-01T00:00:00Z");

// Bytes changed at random in papers that real cosigns wrote: a reader answers or refuses with a code, and nothing verifies
// that the key did not sign.

const RUNS = 150;

/** One to three changes: a byte set, removed or doubled. */
const changes = fc.array(
  fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }), how: fc.constantFrom("set", "remove", "double") }),
  { minLength: 1, maxLength: 3 },
);

type Change = { readonly at: number; readonly byte: number; readonly how: string };

const change = (bytes: Uint8Array, list: readonly Change[]): Uint8Array =>
  list.reduce<Uint8Array>((current, { at, byte, how }) => {
    const place = at % Math.max(1, current.byteLength);
    const [head, tail] = [current.subarray(0, place), current.subarray(place + 1)];
    if (how === "remove") return Buffer.concat([head, tail]);
    const middle = how === "set" ? [byte] : [current[place] ?? 0, current[place] ?? 0];
    return Buffer.concat([head, Buffer.from(middle), tail]);
  }, bytes);

const outcome = (read: () => unknown): "read" | "refused" => {
  try {
    read();
    return "read";
  } catch (error) {
    if (error instanceof WaybillError && error.exitCode === 3) return "refused";
    throw error;
  }
};

const papersOf = (layout: string, suffix: "sig" | "att") => {
  const opened = openPaperLayout(`layouts/${layout}`);
  const subject = opened.resolve("1.0");
  return { subject, candidates: gatherCandidates(opened, subject, suffix) };
};

const SAMPLES = [
  ["sig-cosign3-notes", "sig", "cosign3"],
  ["sig-p521", "sig", "p521"],
  ["sig-ed25519", "sig", "ed25519"],
  ["att-cosign223", "att", "cosign223"],
  ["att-cosign3", "att", "cosign3"],
  ["bundle-cosign3-notes", "sig", "cosign3"],
  ["bundle-att-cosign2", "att", "cosign2"],
  ["bundle-rsa2048", "sig", "rsa2048"],
] as const;

describe.skipIf(papersMissing)("papers with changed bytes", () => {
  it.each(SAMPLES)("%s: never verify with another payload", (layout, suffix, keyName) => {
    const { subject, candidates } = papersOf(layout, suffix);
    const trust = readPaperKey(`keys/${keyName}.pub`);
    const requirement: Requirement =
      suffix === "sig"
        ? { kind: "signature", subject, annotations: {}, checkClaims: true }
        : { kind: "attestation", subject, predicateType: undefined, checkClaims: true };
    const payloads = new Set(candidates.flatMap((one) => (one.kind === "unreadable" ? [] : [hex(signedPayload(one))])));
    expect(payloads.size).toBeGreaterThan(0);
    const judge = (candidate: Candidate): string => {
      if (candidate.kind === "unreadable") return "refused";
      const verdict = verifyClaim(candidate, trust, requirement, AT);
      return verdict.ok ? hex(verdict.claim.payload) : "refused";
    };
    fc.assert(
      fc.property(fc.constantFrom(...candidates), changes, (candidate, list) => {
        const answer = judge(bend(candidate, list));
        expect(answer === "refused" || payloads.has(answer)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it("are read or refused, as manifests, payloads and statements", () => {
    const inputs = SAMPLES.flatMap(([layout, suffix]) => {
      const opened = openPaperLayout(`layouts/${layout}`);
      const raw = opened.readManifest(legacyTag(opened.resolve("1.0"), suffix));
      const payloads = papersOf(layout, suffix).candidates.flatMap((one) =>
        one.kind === "unreadable" ? [] : [signedPayload(one)],
      );
      return raw === undefined ? payloads : [raw.bytes, ...payloads];
    });
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...inputs), changes, (bytes, list) => {
        const bent = change(bytes, list);
        const mediaType = "application/vnd.oci.image.manifest.v1+json";
        seen.add(`manifest ${outcome(() => readLegacyImage(rawManifest(bent, mediaType), "sig"))}`);
        seen.add(`payload ${outcome(() => readSimpleSigning(bent))}`);
        seen.add(`statement ${outcome(() => readStatement(bent))}`);
      }),
      { numRuns: 1000 },
    );
    // Both answers of each reader were seen, so the run went past the first byte.
    expect(seen.size).toBe(6);
  });

  it("every blob of every layout, as every kind of paper, is read or refused", () => {
    const found = { form: "bundle", manifest: rawManifest(Buffer.of(), "").digest } as const;
    let count = 0;
    for (const layout of readdirSync(papersPath("layouts")).filter((name) => !/000-|200-/.test(name))) {
      for (const bytes of blobsOf(layout)) {
        count++;
        for (const suffix of ["sig", "att"] as const) claimFromLegacyLayer(found, {}, bytes, suffix);
        readBundle(bytes, found);
        outcome(() => readStatement(bytes));
        outcome(() => readSimpleSigning(bytes));
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});

const blobsOf = (layout: string): readonly Uint8Array[] => {
  const folder = papersPath("layouts", layout, "blobs/sha256");
  return readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`));
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The candidate as it would be read out of changed bytes: of the payload, the signature, the envelope or the bundle. */
const bend = (candidate: Candidate, list: readonly Change[]): Candidate => {
  if (candidate.kind === "unreadable") return candidate;
  if (candidate.kind === "simple-signing") {
    return (list[0]?.at ?? 0) % 2 === 0
      ? { ...candidate, payload: change(candidate.payload, list) }
      : { ...candidate, signature: change(candidate.signature, list) };
  }
  const bytes = change(candidate.bytes, list);
  const { found } = candidate;
  return found.form === "bundle" ? readBundle(bytes, found) : claimFromLegacyLayer(found, {}, bytes, "att");
};
