import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readBundleDocument } from "#claims/bundleDocument.ts";
import { readBundleParts } from "#claims/bundleParts.ts";
import type { BundleParts } from "#claims/bundleParts.ts";
import { pae } from "#claims/dsse.ts";
import { checkMessage } from "#trust/checkMessage.ts";
import { isFault } from "#trust/fault.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { readTrustRoot } from "#trust/readTrustRoot.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import { verifyLogEntries } from "#trust/verifyLogEntries.ts";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import type { ConformanceCase } from "./conformanceCases.ts";

const digestsOf = (bytes: Uint8Array) =>
  new Map((["sha256", "sha384", "sha512"] as const).map((name) => [name, createHash(name).update(bytes).digest()]));

const verifierOf = ({ material }: BundleParts, key: string | undefined): SignedThing["verifier"] => {
  if (key !== undefined) return { kind: "key", key: parsePublicKey(key) };
  const [leaf] = material.kind === "certificates" ? material.certificates : [];
  return { kind: "certificate", certificate: readCertificate(leaf ?? Buffer.alloc(0)) };
};

/** The signature of a bundle, whether it is good or not: it is the log entry that is looked at here. */
const thingOf = (parts: BundleParts, { artifact, key }: ConformanceCase): SignedThing => {
  const verifier = verifierOf(parts, key);
  const { content } = parts;
  const signature =
    content.kind === "dsse" ? (content.envelope.signatures[0]?.sig ?? Buffer.alloc(0)) : content.signature;
  const bytes = content.kind === "dsse" ? pae(content.envelope.payloadType, content.envelope.payload) : artifact;
  const digests = digestsOf(bytes);
  const publicKey = verifier.kind === "key" ? verifier.key : verifier.certificate.key;
  const message = { size: bytes.byteLength, digests, bytes };
  return {
    signature,
    verifier,
    scheme: checkMessage(publicKey, message, signature) ?? "ecdsa-sha256",
    content: content.kind === "dsse" ? content : { kind: "message", digests },
  };
};

const judge = (one: ConformanceCase): string => {
  const parts = readBundleParts(readBundleDocument(Buffer.from(one.bundle)));
  const root = readTrustRoot(Buffer.from(one.trustedRoot), one.name);
  const verdict = verifyLogEntries(parts.logEntries, thingOf(parts, one), [root]);
  if (isFault(verdict)) return verdict.code;
  return verdict.unknown[0]?.code ?? `${verdict.logs} logs`;
};

const CASES = readConformanceCases();

describe.skipIf(conformanceMissing)("log entries of the conformance suite", () => {
  it.each(CASES.filter(({ accept }) => accept))("verify: $name", (one) => {
    expect(judge(one)).toBe("1 logs");
  });

  // The cases that are about log entries, and what is wrong with each.
  it.each([
    ["bundle-from-wrong-instance_fail", "log-unknown"],
    ["checkpoint-bad-keyhint_fail", "log-checkpoint"],
    ["checkpoint-wrong-roothash_fail", "log-checkpoint"],
    ["dsse-mismatch-envelope_fail", "log-body-signature"],
    ["dsse-mismatch-sig_fail", "log-body-signature"],
    ["inclusion-proof-corrupted-hash_fail", "log-proof"],
    ["intoto-log-entry-mismatch_fail", "log-body"],
    ["invalid-checkpoint-signature_fail", "log-checkpoint"],
    ["invalid-inclusion-proof_fail", "log-proof"],
    ["rekor2-checkpoint-missing-log-signature_fail", "log-checkpoint"],
    ["rekor2-checkpoint-missing-origin_fail", "log-checkpoint"],
    ["rekor2-checkpoint-missing-root-hash_fail", "log-checkpoint"],
    ["rekor2-checkpoint-missing-size_fail", "log-checkpoint"],
    ["rekor2-checkpoint-no-matching-signature_fail", "log-checkpoint"],
    ["rekor2-dsse-mismatch-envelope_fail", "log-body-signature"],
    ["rekor2-dsse-mismatch-sig_fail", "log-body-signature"],
    ["rekor2-no-inclusion-proof_fail", "log-unproven"],
    ["set-invalid-signature_fail", "log-promise"],
    ["wrong-hashedrekord-artifact_fail", "log-body-signature"],
    ["wrong-hashedrekord-cert-and-sig_fail", "log-body-signature"],
    ["wrong-hashedrekord-entry_fail", "log-body-signature"],
  ])("do not verify: %s", (name, code) => {
    const one = CASES.find((each) => each.name === name);
    expect(one === undefined ? "no such case" : judge(one)).toBe(code);
  });
});
