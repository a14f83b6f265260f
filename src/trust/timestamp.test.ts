import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import { isFault } from "#trust/fault.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import { readTimestampToken } from "#trust/timestampToken.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import { makeCertificate } from "../../test/fakes/makeCertificate.ts";
import {
  digestOf,
  hashAlgorithm,
  makeAuthority,
  makeResponse,
  makeToken,
  timestampingExtensions,
  trustIn,
} from "../../test/fakes/makeTimestamp.ts";
import type { MadeAuthority, TimestampWish } from "../../test/fakes/makeTimestamp.ts";
import { conformanceMissing, readConformanceCases } from "../../test/oracle/conformanceCases.ts";

const OVER = Buffer.from("a signature");
const tsa = makeAuthority();
const chainOf = ({ signer, intermediate, anchor }: MadeAuthority) => [signer.der, intermediate.der, anchor.der];
const ROOTS = [trustIn(chainOf(tsa))];

const token = (wish: Partial<TimestampWish> = {}): Buffer => makeToken({ signer: tsa.signer, over: OVER, ...wish });
/** The time, or the code of the fault. */
const outcome = (bytes: Uint8Array, roots: readonly TrustRoot[] = ROOTS): string => {
  const verdict = verifyTimestamp(bytes, OVER, roots);
  return isFault(verdict) ? verdict.code : verdict.time.toISOString();
};
const GOOD = "2026-06-01T12:00:00.000Z";
const sequence = (...parts: readonly Buffer[]) => writeDer(TAG.sequence, ...parts);

describe("verifyTimestamp", () => {
  it("says who vouches for which time", () => {
    const nonce = writeDerInteger(0xc0ffee);
    expect(verifyTimestamp(makeResponse(token({ infoTail: [nonce] })), OVER, ROOTS)).toMatchObject({
      authority: "https://tsa.test",
      root: "test",
      time: new Date(GOOD),
      fraction: "",
      policy: "1.3.6.1.4.1.57264.2",
      serial: "5e71a1",
      nonce: "c0ffee",
      hash: "sha256",
    });
    const verdict = verifyTimestamp(token(), OVER, [trustIn(chainOf(tsa), {}, "")]);
    expect(verdict).toMatchObject({ authority: "tsa", nonce: undefined });
    if (isFault(verdict)) throw new Error(verdict.reason);
    expect(verdict.path.certificates.map(({ der }) => Buffer.from(der).equals(tsa.signer.der))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("takes a response, granted as asked or with modifications, and a bare token", () => {
    const modified = makeResponse(token(), [writeDerInteger(1), sequence(writeDer(TAG.utf8String, Buffer.from("x")))]);
    expect([token(), makeResponse(token()), modified].map((bytes) => outcome(bytes))).toEqual([GOOD, GOOD, GOOD]);
  });

  it("refuses what was not granted", () => {
    const failed = writeDer(TAG.bitString, Buffer.from([2, 4]));
    const answers = [
      makeResponse(undefined, [writeDerInteger(2), failed]),
      makeResponse(token(), [writeDerInteger(2)]),
      makeResponse(token(), [writeDerInteger(0), failed]),
    ];
    expect(answers.map((bytes) => outcome(bytes))).toEqual(answers.map(() => "timestamp-status"));
  });

  it("refuses a time that is over something else", () => {
    expect(outcome(token({ over: Buffer.from("another signature") }))).toBe("timestamp-imprint");
    const half = sequence(hashAlgorithm("sha256"), writeDer(TAG.octetString, digestOf("sha256", OVER).subarray(0, 16)));
    expect(outcome(token({ info: infoWith(half) }))).toBe("timestamp-imprint");
  });

  it("refuses imprints by other hashes", () => {
    const sha1 = sequence(sequence(writeDerOid("1.3.14.3.2.26")), writeDer(TAG.octetString, digestOf("sha1", OVER)));
    expect(outcome(token({ info: infoWith(sha1) }))).toBe("timestamp-hash");
  });

  it("refuses critical extensions, of which none are known", () => {
    const extensions = (...critical: readonly Buffer[]) => [
      writeDer(contextTag(1), sequence(writeDerOid("1.2.3"), ...critical, writeDer(TAG.octetString))),
    ];
    expect(outcome(token({ infoTail: extensions() }))).toBe(GOOD);
    const truth = writeDer(TAG.boolean, Buffer.from([0xff]));
    expect(outcome(token({ infoTail: extensions(truth) }))).toBe("timestamp-extension");
    expect(outcome(token({ infoTail: extensions(writeDer(TAG.boolean, Buffer.from([0]))) }))).toBe(
      "timestamp-malformed",
    );
  });

  it("reads no more than 64 KiB, and ten certificates (CVE-2025-66564)", () => {
    const other = makeCertificate({ subject: "other", extensions: timestampingExtensions() }).der;
    expect(outcome(token({ embedded: Array.from({ length: 10 }, () => other) }))).toBe(GOOD);
    expect(outcome(token({ embedded: Array.from({ length: 11 }, () => other) }))).toBe("timestamp-malformed");
    const unsigned = (size: number) => [writeDer(contextTag(1), writeDer(TAG.octetString, Buffer.alloc(size)))];
    expect(outcome(token({ unsigned: unsigned(64 * 1024) }))).toBe("timestamp-malformed");
    expect(outcome(token({ unsigned: unsigned(60 * 1024) }))).toBe(GOOD);
  });
});

/** A content with this imprint. */
const infoWith = (imprint: Buffer, time = "20260601120000Z"): Buffer =>
  sequence(
    writeDerInteger(1),
    writeDerOid("1.2.3"),
    imprint,
    writeDerInteger(-1),
    writeDer(TAG.generalizedTime, Buffer.from(time)),
  );

describe("times of timestamps", () => {
  it("may have a fraction of any length", () => {
    const digits = fc.stringMatching(/^\d{0,40}[1-9]$/);
    fc.assert(
      fc.property(digits, (fraction) => {
        const verdict = verifyTimestamp(token({ time: `20260601120000.${fraction}Z` }), OVER, ROOTS);
        const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
        expect(verdict).toMatchObject({ fraction, time: new Date(`2026-06-01T12:00:00.${milliseconds}Z`) });
      }),
    );
    const long = `${"0".repeat(20_000)}1`;
    expect(verifyTimestamp(token({ time: `20260601120000.${long}Z` }), OVER, ROOTS)).toMatchObject({ fraction: long });
  });

  it.each([
    "20260601120000.Z",
    "20260601120000.0Z",
    "20260601120000.120Z",
    `20260601120000.${"0".repeat(30_000)}Z`,
    "20260601120000,5Z",
    "20260601120000",
    "20260601120000+0000",
    "202606011200Z",
    "20260601120060Z",
    "20260631120000Z",
    "2026060112000 Z",
    "20260601120000.5Z\n",
  ])("are in one form: %j is none", (time) => {
    expect(outcome(token({ time }))).toBe("timestamp-malformed");
  });

  it("decide over windows of trust, both ends included (attacks 16 and 17)", () => {
    const start = new Date(GOOD);
    const at = (window: object) => outcome(token(), [trustIn(chainOf(tsa), window)]);
    expect(at({ start, end: start })).toBe(GOOD);
    expect(at({ start: new Date(start.getTime() + 1) })).toBe("timestamp-window");
    expect(at({ end: new Date(start.getTime() - 1) })).toBe("timestamp-window");
    const late = token({ time: "20260601120000.001Z" });
    expect(outcome(late, [trustIn(chainOf(tsa), { end: start })])).toBe("timestamp-window");
  });

  it("lie within the validity of every certificate (attack 17)", () => {
    const short = { from: "2026-06-01T12:00:00Z", to: "2026-06-01T12:00:00Z" };
    const gone = { from: "2026-01-01T00:00:00Z", to: "2026-06-01T11:59:59Z" };
    const answer = (authority: MadeAuthority) =>
      outcome(token({ signer: authority.signer }), [trustIn(chainOf(authority))]);
    expect(answer(makeAuthority(short))).toBe(GOOD);
    expect(answer(makeAuthority(gone))).toBe("timestamp-expired");
    expect(answer(makeAuthority({}, gone))).toBe("timestamp-expired");
  });
});

describe("the form of timestamps", () => {
  const info = infoWith(sequence(hashAlgorithm("sha256"), writeDer(TAG.octetString, digestOf("sha256", OVER))));
  const tail = (...infoTail: readonly Buffer[]) => token({ infoTail });

  it("may have every optional part", () => {
    const accuracy = sequence(writeDerInteger(1), writeDer(contextTag(0, false), Buffer.from([5])));
    const ordering = writeDer(TAG.boolean, Buffer.from([0xff]));
    const name = writeDer(contextTag(0), writeDer(contextTag(2, false), Buffer.from("tsa.test")));
    expect(outcome(tail(accuracy, ordering, writeDerInteger(2n ** 150n), name))).toBe(GOOD);
    expect(outcome(tail(sequence(writeDer(contextTag(1, false), Buffer.from([3, 0xe7])))))).toBe(GOOD);
    expect(verifyTimestamp(token({ info }), OVER, ROOTS)).toMatchObject({ serial: "-1" });
  });

  it.each<[string, () => Buffer]>([
    ["nothing", () => Buffer.alloc(0)],
    ["bytes after the response", () => Buffer.concat([makeResponse(token()), Buffer.from([0])])],
    ["bytes after the token", () => Buffer.concat([token(), Buffer.from([0])])],
    ["a value after the token", () => sequence(sequence(writeDerInteger(0)), token(), writeDerInteger(0))],
    ["a granted response without a token", () => makeResponse(undefined)],
    ["an indefinite length", () => Buffer.concat([Buffer.from([0x30, 0x80]), token().subarray(4), Buffer.alloc(2)])],
    ["a padded length", () => Buffer.concat([Buffer.from([0x30, 0x83, 0]), token().subarray(2)])],
    ["SignedData of version 1", () => token({ version: 1 })],
    ["another content type", () => token({ contentType: "1.2.840.113549.1.7.1" })],
    ["a content of version 2", () => token({ infoVersion: 2 })],
    ["bytes after the content", () => token({ info: Buffer.concat([info, Buffer.from([0])]) })],
    ["parts in another order", () => tail(writeDerInteger(1), sequence())],
    ["an ordering that is spelled out as false", () => tail(writeDer(TAG.boolean, Buffer.from([0])))],
    ["an accuracy of no milliseconds", () => tail(sequence(writeDer(contextTag(0, false), Buffer.from([0]))))],
    [
      "an accuracy of a thousand microseconds",
      () => tail(sequence(writeDer(contextTag(1, false), Buffer.from([3, 0xe8])))),
    ],
    ["an accuracy of text", () => tail(sequence(writeDer(TAG.utf8String)))],
    ["two names", () => tail(writeDer(contextTag(0), writeDerInteger(1), writeDerInteger(1)))],
    ["an unknown part", () => tail(writeDer(contextTag(2)))],
    ["a signer of the wrong version", () => token({ signerVersion: 3 })],
    ["a signer with parts too many", () => token({ unsigned: [writeDer(contextTag(1)), writeDer(contextTag(1))] })],
    ["an enclosed certificate that is not DER", () => token({ embedded: [sequence(Buffer.from([5, 1]))] })],
    ["a name in parts", () => tail(writeDer(contextTag(0), writeDer(0x2c, writeDer(TAG.utf8String))))],
    ["an attribute certificate", () => token({ embedded: [writeDer(contextTag(2), Buffer.from([5, 0]))] })],
  ])("is refused with %s", (_, make) => {
    expect(outcome(make())).toBe("timestamp-malformed");
  });

  it("has one signer", () => {
    expect(outcome(token({ signers: (one) => [one, one] }))).toBe("timestamp-signers");
    expect(outcome(token({ signers: () => [] }))).toBe("timestamp-signers");
  });

  it("is such that no byte may be another, and nothing throws", () => {
    const enclosed = token({ embedded: [tsa.signer.der, tsa.intermediate.der] });
    const anchored = [trustIn([tsa.anchor.der])];
    expect(outcome(enclosed, anchored)).toBe(GOOD);
    for (const [bytes, roots] of [
      [token(), ROOTS],
      [enclosed, anchored],
    ] as const) {
      for (let at = 0; at < bytes.length; at++) {
        const bit = 1 << (at % 8);
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bit;
        const found = outcome(changed, roots);
        if (!found.startsWith("timestamp-")) throw new Error(`byte ${at}, bit ${bit}: ${found}`);
      }
    }
  });

  it("does not throw for names that are none, in certificates that anybody enclosed", () => {
    const name = sequence(writeDer(TAG.set, sequence(writeDer(TAG.oid), writeDer(TAG.utf8String))));
    const strange = makeCertificate({ issuerName: name, extensions: timestampingExtensions() });
    const { issuer, serial } = { issuer: name, serial: writeDerInteger(0x5eed) };
    const wish = { signer: { ...tsa.signer, keys: strange.keys }, signerId: sequence(issuer, serial) };
    expect(outcome(token({ ...wish, embedded: [strange.der] }))).toBe("timestamp-untrusted");
  });

  it("is such that no beginning and no garbage throws", () => {
    const whole = makeResponse(token());
    for (let end = 0; end < whole.length; end++) expect(outcome(whole.subarray(0, end))).toBe("timestamp-malformed");
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => outcome(bytes) === "timestamp-malformed"));
  });
});

describe.skipIf(conformanceMissing)("timestamps of the conformance suite", () => {
  interface Bundle {
    readonly verificationMaterial?: {
      readonly timestampVerificationData?: {
        readonly rfc3161Timestamps?: readonly { readonly signedTimestamp: string }[];
      };
    };
    readonly messageSignature?: { readonly signature: string };
    readonly dsseEnvelope?: { readonly signatures: readonly { readonly sig: string }[] };
  }
  const decode = (text: string) => Buffer.from(text, "base64");
  const rootsOf = (text: string) => readTrustRoots(Buffer.from(text), "trusted_root.json");
  const cases = readConformanceCases()
    // One bundle is not JSON, and one trusted root is refused as a whole.
    .filter(({ name }) => !name.startsWith("bundle-malformed-json") && !name.includes("tlog-missing-validity-start"))
    .flatMap((one) => {
      const bundle = JSON.parse(one.bundle) as Bundle;
      const signature = decode(bundle.messageSignature?.signature ?? bundle.dsseEnvelope?.signatures[0]?.sig ?? "");
      const stamps = bundle.verificationMaterial?.timestampVerificationData?.rfc3161Timestamps ?? [];
      return stamps.map(({ signedTimestamp }) => ({ ...one, signature, response: decode(signedTimestamp) }));
    });
  const caseOf = (name: string) => {
    const found = cases.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the suite has no timestamp in ${name}`);
    return found;
  };

  // The other cases that must be refused have a good timestamp and something else that is wrong.
  const REFUSED = new Map([
    ["rekor2-timestamp-outside-trust-root-tsa-validity_fail", "timestamp-window"],
    ["rekor2-timestamp-outside-tsa-cert-validity_fail", "timestamp-expired"],
    ["rekor2-timestamp-payload-mismatch_fail", "timestamp-imprint"],
    ["rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail", "timestamp-untrusted"],
    ["rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", "timestamp-untrusted"],
  ]);

  it("are judged as they should be", () => {
    const found = cases.map(({ name, response, signature, trustedRoot }) => {
      const verdict = verifyTimestamp(response, signature, rootsOf(trustedRoot));
      return [name, isFault(verdict) ? verdict.code : "good"];
    });
    expect(found).toEqual(cases.map(({ name }) => [name, REFUSED.get(name) ?? "good"]));
    expect(found.length).toBe(32);
  });

  it("are of the time that they say", () => {
    const { response, signature, trustedRoot } = caseOf("trust-root-tsa-validity-end-inclusive");
    const verdict = verifyTimestamp(response, signature, rootsOf(trustedRoot));
    expect(verdict).toMatchObject({
      time: new Date("2025-06-12T12:02:20Z"),
      fraction: "",
      policy: "1.3.6.1.4.1.57264.2",
    });
  });

  // A public authority with RSA, SHA-512 and the attribute of RFC 2634.
  it("count where a public authority is trusted, with its certificates enclosed", () => {
    const { response, signature } = caseOf("rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail");
    const token = readTimestampToken(response);
    const anchor = isFault(token) ? undefined : token.signed.certificates.at(-1);
    const verdict = verifyTimestamp(response, signature, [trustIn([anchor ?? new Uint8Array()], {}, "")]);
    expect(verdict).toMatchObject({
      authority: "www.freetsa.org",
      hash: "sha256",
      time: new Date("2025-08-06T19:38:49Z"),
    });
  });
});
