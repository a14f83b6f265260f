import { expect, it } from "vitest";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import { writeStatement } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { divideSboms } from "#app/divideSboms.ts";
import type { ProvenClaim } from "#app/judgePapers.ts";
import { createTestKey, envelopeClaim } from "../../test/fakes/testKey.ts";

const AT = new Date("2026-11-01T00:00:00Z");

const subject = digestOf("image");
const [a, b] = [createTestKey("a"), createTestKey("b")];

const sbom = (time: string, { by = a, type = PREDICATE_TYPES.cyclonedx as string, note = "" } = {}): ProvenClaim => {
  const predicate = Buffer.from(JSON.stringify({ metadata: { timestamp: time }, note }));
  const claim = envelopeClaim(
    [by],
    writeStatement({ subjects: [{ digest: subject }], predicateType: type, predicate }),
  );
  const requirement = { kind: "attestation", subject, predicateType: type, checkClaims: true } as const;
  const verdict = verifyClaim(claim, { keys: [a.trusted, b.trusted] }, requirement, AT);
  if (!verdict.ok) throw new TypeError(verdict.refusal.reason);
  return { claim: verdict.claim, copies: [claim.found] };
};

it("lets each signer's newest SBOM of each type count, whatever the order", () => {
  const [old, fresh] = [sbom("2024-01-01T00:00:00Z"), sbom("2024-01-01T00:00:00.5Z")];
  const others = [
    sbom("2020-01-01T00:00:00Z", { by: b }),
    sbom("2020-01-01T00:00:00Z", { type: PREDICATE_TYPES.spdxjson }),
    sbom("2020-01-01T00:00:00Z", { type: "https://example.com/review/v1" }),
    sbom("2021-01-01T00:00:00Z", { type: "https://example.com/review/v1" }),
  ];
  expect(divideSboms([old, fresh, ...others])).toEqual({ current: [fresh, ...others], superseded: [old] });
  expect(divideSboms([fresh, ...others, old])).toEqual({ current: [fresh, ...others], superseded: [old] });
});

it("picks the same of two of one time, whoever asks", () => {
  const [one, two] = [sbom("2024-01-01T00:00:00Z", { note: "1" }), sbom("2024-01-01T00:00:00Z", { note: "2" })];
  expect(divideSboms([one, two]).current).toEqual(divideSboms([two, one]).current);
  expect(divideSboms([sbom(""), one]).current).toEqual([one]);
});
