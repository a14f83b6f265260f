import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resolvePredicateType } from "#claims/predicateType.ts";
import type { ClaimVerdict, Requirement } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { gatherCandidates, openPaperLayout, papersMissing, papersPath, readPaperKey } from "./paperLayout.ts";

const AT = new Date("2026-11-01T00:00:00Z");

interface PaperCase {
  readonly name: string;
  readonly action: "verify" | "verify-attestation" | "verify-blob";
  readonly layout: string;
  readonly ref: string;
  readonly key: string;
  readonly type?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly expect: "accept" | "refuse";
  readonly why: string;
  readonly registry?: string;
}

const readCases = (): readonly PaperCase[] =>
  papersMissing ? [] : (JSON.parse(readFileSync(papersPath("cases.json"), "utf8")) as { cases: PaperCase[] }).cases;

const judge = (one: PaperCase): readonly ClaimVerdict[] => {
  const layout = openPaperLayout(one.layout);
  const subject = layout.resolve(one.ref);
  const requirement: Requirement =
    one.action === "verify"
      ? { kind: "signature", subject, annotations: one.annotations ?? {}, checkClaims: true }
      : { kind: "attestation", subject, predicateType: resolvePredicateType(one.type ?? "custom"), checkClaims: true };
  const suffix = one.action === "verify" ? "sig" : "att";
  return gatherCandidates(layout, subject, suffix, one.registry === "distribution").map((candidate) =>
    candidate.kind === "unreadable"
      ? { ok: false, refusal: { found: candidate.found, code: "unreadable", nearness: 0, reason: candidate.reason } }
      : verifyClaim(candidate, readPaperKey(one.key), requirement, AT),
  );
};

describe.skipIf(papersMissing)("papers made by cosign, good and bent", () => {
  const cases = readCases().filter(({ action }) => action !== "verify-blob");

  it("are all there", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
  });

  it.each(cases)("$name: $expect, $why", (one) => {
    const verdicts = judge(one);
    expect(verdicts.some(({ ok }) => ok) ? "accept" : "refuse").toBe(one.expect);
  });
});
