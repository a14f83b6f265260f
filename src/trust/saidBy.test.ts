import { expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { writeStatement } from "#claims/statement.ts";
import { saidBy } from "#trust/saidBy.ts";
import type { Requirement } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { envelopeClaim, simpleSigningClaim, createTestKey } from "../../test/fakes/testKey.ts";

const AT = new Date("2026-11-01T00:00:00Z");

const subject = digestOf("image");
const TYPE = "https://example.com/review/v1";
const keys = [createTestKey("a"), createTestKey("b")] as const;

const attested = (predicate: string, { by = keys[0], type = TYPE, about = subject } = {}): string => {
  const payload = writeStatement({
    subjects: [{ digest: about }],
    predicateType: type,
    predicate: Buffer.from(predicate),
  });
  return said(envelopeClaim([by], payload), {
    kind: "attestation",
    subject: about,
    predicateType: type,
    checkClaims: true,
  });
};

const said = (claim: Parameters<typeof verifyClaim>[0], requirement: Requirement): string => {
  const verdict = verifyClaim(claim, { keys: keys.map(({ trusted }) => trusted) }, requirement, AT);
  if (!verdict.ok) throw new TypeError(verdict.refusal.reason);
  return saidBy(verdict.claim);
};

it("is the same of two signers and in other bytes, and another for anything else that is said", () => {
  const plain = attested('{"a":1,"b":[true,{"c":null,"d":""}]}');
  expect(attested('{ "b":[true, {"d":"","c":null}],\n"a":1.0 }', { by: keys[1] })).toBe(plain);
  for (const other of [
    attested('{"a":2,"b":[true,{"c":null,"d":""}]}'),
    attested('{"a":1,"b":[{"c":null,"d":""},true]}'),
    attested('{"a":"1","b":[true,{"c":null,"d":""}]}'),
    attested('{"a":1,"b":[true,{"c":null,"d":""}]}', { type: "https://example.com/review/v2" }),
    attested('{"a":1,"b":[true,{"c":null,"d":""}]}', { about: digestOf("other") }),
  ])
    expect(other).not.toBe(plain);
});

it("of a signature is the image, not its annotations", () => {
  const signature = (annotations: Record<string, string>): string =>
    said(
      simpleSigningClaim(
        keys[0],
        writeSimpleSigning({ dockerReference: "example.com/app", digest: subject, annotations }),
      ),
      {
        kind: "signature",
        subject,
        annotations: {},
        checkClaims: true,
      },
    );
  expect(signature({ a: "1" })).toBe(signature({}));
  expect(signature({})).not.toBe(attested("{}"));
});
