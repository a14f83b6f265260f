import { createHash } from "node:crypto";
import { judgeBlobPaper } from "#app/judgeBlobPaper.ts";
import type { BlobSubject } from "#app/judgeBlobPaper.ts";
import { readBlobPaper } from "#claims/blobPaper.ts";
import { sha256Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { demandTrust } from "#trust/demandTrust.ts";
import type { TextRule } from "#trust/identityRule.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import { neededParts } from "#trust/replaceTrust.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import type { ConformanceCase } from "./conformanceCases.ts";

/** Whether a bundle is good, asked the same of Waybill and of the oracle. */
export interface Question {
  /** JSON text. */
  readonly bundle: string;
  /** JSON text. */
  readonly trustedRoot: string;
  /** Of a message; envelopes carry what they sign, and Waybill compares the subject with it. */
  readonly artifact: Artifact;
  readonly signer:
    | { readonly kind: "identity"; readonly identity: string; readonly issuer: string }
    | { readonly kind: "key"; readonly pem: string };
}

export type Artifact =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "digest"; readonly sha256: Buffer };

/** What the oracle cannot be asked. */
export interface Particulars {
  /** In place of the exact identity. */
  readonly subject?: readonly TextRule[];
  readonly issuer?: readonly TextRule[];
  readonly claims?: Readonly<Record<string, string>>;
  readonly at?: Date;
}

/** Later than everything in the suite, and while its roots are good. */
const NOW = new Date("2027-01-01T00:00:00Z");

/** The two ways in which the suite asks each case. */
export const ARTIFACT_KINDS = ["bytes", "digest"] as const satisfies readonly Artifact["kind"][];

export const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export const questionOf = (one: ConformanceCase, kind: Artifact["kind"]): Question => ({
  bundle: one.bundle,
  trustedRoot: one.trustedRoot,
  artifact: kind === "bytes" ? { kind, bytes: one.artifact } : { kind, sha256: sha256(one.artifact) },
  signer:
    one.key === undefined
      ? { kind: "identity", identity: one.identity, issuer: one.issuer }
      : { kind: "key", pem: one.key },
});

/**
 * Waybill's answer as `conformance verify-bundle` gives it, without the program around it: `accept`, a RefusalCode, or the code
 * of an error with its flaw. What is thrown besides is a defect, and is not caught.
 */
export const judgeQuestion = (question: Question, particulars: Particulars = {}): string => {
  const at = particulars.at ?? NOW;
  try {
    const trust = trustOf(question, particulars, at);
    const candidate = readBlobPaper({ form: "bundle", wanted: "message" }, Buffer.from(question.bundle));
    const kind = candidate.kind === "dsse" ? ANY_STATEMENT : SIGNATURE;
    const answer = judgeBlobPaper({ name: "bundle", candidate }, subjectOf(question.artifact), trust, kind, at);
    return answer.refusal?.code ?? (answer.proofs.length > 0 ? "accept" : "nothing");
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    const flaw = error.details?.["flaw"];
    return typeof flaw === "string" ? `${error.code} ${flaw}` : error.code;
  }
};

const SIGNATURE = { kind: "signature", hash: undefined } as const;
const ANY_STATEMENT = { kind: "attestation", predicateType: undefined, checkClaims: true } as const;

// What the command demands: cosign's own defaults, and of keys a log entry, too.
const DEMAND_OF_IDENTITIES = { logs: 1, timestamps: 0, scts: 1 };
const DEMAND_OF_KEYS = { logs: 1, timestamps: 0, scts: undefined };

const trustOf = ({ trustedRoot, signer }: Question, particulars: Particulars, at: Date): TrustMaterial => {
  const key = signer.kind === "key" ? parsePublicKey(signer.pem, "key.pub") : undefined;
  const demand = key === undefined ? DEMAND_OF_IDENTITIES : DEMAND_OF_KEYS;
  const roots = readRoots(trustedRoot);
  demandTrust(roots, neededParts(demand, key === undefined), at);
  const backing = { roots, demand };
  if (signer.kind === "key") return { keys: key === undefined ? [] : [{ name: "key.pub", key, backing }] };
  const { subject = [exact(signer.identity)], issuer = [exact(signer.issuer)], claims = {} } = particulars;
  return { keys: [], certified: [{ identity: { name: "identity", subject, issuer, claims }, backing }] };
};

// Thousands of questions have a few roots in common, as thousands of images have for the program.
const known = new Map<string, readonly TrustRoot[]>();

const readRoots = (text: string): readonly TrustRoot[] => {
  const roots = known.get(text) ?? readTrustRoots(Buffer.from(text), "trusted_root.json");
  if (known.size === MAX_KNOWN) known.clear();
  known.set(text, roots);
  return roots;
};

const MAX_KNOWN = 100;

const exact = (value: string): TextRule => ({ kind: "exact", value });

const HASHES = ["sha256", "sha384", "sha512"] as const;

const subjectOf = (artifact: Artifact): BlobSubject => {
  const digest = artifact.kind === "digest" ? artifact.sha256 : sha256(artifact.bytes);
  const bytes = artifact.kind === "digest" ? undefined : artifact.bytes;
  const digests =
    bytes === undefined
      ? new Map([["sha256", digest] as const])
      : new Map(HASHES.map((name) => [name, createHash(name).update(bytes).digest()] as const));
  return {
    digest: sha256Digest(digest.toString("hex")),
    message: { size: bytes?.byteLength ?? 0, digests, bytes },
  };
};
