import { describe, expect, it } from "vitest";
import { conformanceMissing, readConformanceCases } from "./oracle/conformanceCases.ts";
import type { ConformanceCase } from "./oracle/conformanceCases.ts";
import { ARTIFACT_KINDS, judgeQuestion, questionOf } from "./oracle/judgeQuestion.ts";

const cases = readConformanceCases();

/** What each case must be refused for. */
const REFUSED: Readonly<Record<string, string>> = {
  "bundle-empty-certificate-chain_fail": "unreadable",
  "bundle-from-wrong-instance_fail": "log-unknown",
  "bundle-invalid-base64-signature_fail": "unreadable",
  "bundle-malformed-json_fail": "unreadable",
  "bundle-negative-log-index_fail": "unreadable",
  "bundle-unknown-version_fail": "unreadable",
  // Its inclusion proof has no checkpoint either; gate.test.ts refuses the root alone.
  "bundle-with-root-cert_fail": "unreadable",
  "checkpoint-bad-keyhint_fail": "log-checkpoint",
  "checkpoint-wrong-roothash_fail": "log-checkpoint",
  "dsse-invalid-sig_fail": "bad-signature",
  "dsse-mismatch-envelope_fail": "log-body-signature",
  "dsse-mismatch-sig_fail": "log-body-signature",
  "inclusion-proof-corrupted-hash_fail": "log-proof",
  "incorrect-public-key_fail": "log-body-key",
  "integrated-time-in-future_fail": "certificate-expired",
  "intoto-expired-certificate_fail": "certificate-not-yet",
  "intoto-log-entry-mismatch_fail": "log-body",
  // Bundles v0.2 and v0.3 need a proof with a checkpoint (sigstore_bundle.proto).
  "intoto-missing-inclusion-proof_fail": "unreadable",
  "invalid-inclusion-proof_fail": "unreadable",
  "rekor2-no-inclusion-proof_fail": "unreadable",
  "intoto-set-outside-signing-cert-validity_fail": "certificate-expired",
  "intoto-tsa-timestamp-outside-cert-validity_fail": "certificate-expired",
  "invalid-checkpoint-signature_fail": "log-checkpoint",
  "invalid-ct-key_fail": "sct-unknown-log",
  "managed-key-no-key_fail": "key-signed",
  // Its key is none.
  "managed-key-wrong-key_fail": "TRUST_INVALID",
  "message-digest-mismatch_fail": "message-digest",
  "rekor2-checkpoint-missing-log-signature_fail": "log-checkpoint",
  "rekor2-checkpoint-missing-origin_fail": "log-checkpoint",
  "rekor2-checkpoint-missing-root-hash_fail": "log-checkpoint",
  "rekor2-checkpoint-missing-size_fail": "log-checkpoint",
  "rekor2-checkpoint-no-matching-signature_fail": "log-checkpoint",
  "rekor2-dsse-invalid-sig_fail": "bad-signature",
  "rekor2-dsse-mismatch-envelope_fail": "log-body-signature",
  "rekor2-dsse-mismatch-sig_fail": "log-body-signature",
  "rekor2-no-timestamp_fail": "no-time",
  "rekor2-timestamp-outside-trust-root-tsa-validity_fail": "timestamp-window",
  "rekor2-timestamp-outside-tsa-cert-validity_fail": "timestamp-expired",
  "rekor2-timestamp-payload-mismatch_fail": "timestamp-imprint",
  "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail": "timestamp-untrusted",
  "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail": "timestamp-untrusted",
  // Its base64 stands on several lines; what it is about is tried below.
  "rekor2-timestamp-with-incorrect-time_fail": "unreadable",
  "set-invalid-signature_fail": "log-promise",
  "signature-mismatch_fail": "bad-signature",
  "trust-root-tlog-missing-validity-start_fail": "TRUST_INVALID missing-start",
  "wrong-hashedrekord-artifact_fail": "log-body-signature",
  "wrong-hashedrekord-cert-and-sig_fail": "log-body-signature",
  "wrong-hashedrekord-entry_fail": "log-body-signature",
  "wrong-material_fail": "message-digest",
};

describe.skipIf(conformanceMissing)("the conformance suite, without the program around it", () => {
  it.each(ARTIFACT_KINDS)("accepts what clients must accept, given %s", (kind) => {
    const wanted = cases.filter(({ accept }) => accept);
    const answers = wanted.map((one) => [one.name, judgeQuestion(questionOf(one, kind))] as const);
    expect(Object.fromEntries(answers.filter(([, answer]) => answer !== "accept"))).toEqual({});
    expect(wanted.length).toBe(21);
  });

  it.each(ARTIFACT_KINDS)("refuses what clients must refuse, each for its own reason, given %s", (kind) => {
    const answers = cases
      .filter(({ accept }) => !accept)
      .map((one) => [one.name, judgeQuestion(questionOf(one, kind))] as const);
    expect(answers.length).toBe(49);
    expect(Object.fromEntries(answers)).toEqual(REFUSED);
  });

  it("refuses the timestamp from another time for its time, too, once its base64 is on one line", () => {
    const one = cases.find(({ name }) => name === "rekor2-timestamp-with-incorrect-time_fail");
    const onOneLine = { ...one, bundle: one?.bundle.replace(/(?<="signedTimestamp":.*)\\n/g, "") } as ConformanceCase;
    expect(ARTIFACT_KINDS.map((kind) => judgeQuestion(questionOf(onOneLine, kind)))).toEqual([
      "certificate-expired",
      "certificate-expired",
    ]);
  });
});
