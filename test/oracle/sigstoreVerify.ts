import { createPublicKey } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";
import type { SignedEntity } from "@sigstore/verify";
import { digestContent } from "./digestContent.ts";

/** What is asked of the oracle. */
export interface OracleQuestion {
  /** A Sigstore bundle, JSON text. */
  readonly bundle: string;
  /** A trusted_root.json, JSON text. */
  readonly trustedRoot: string;
  /** The artifact of a message: itself, or its SHA-256. Envelopes carry what they sign. */
  readonly artifact:
    | { readonly kind: "bytes"; readonly bytes: Uint8Array }
    | { readonly kind: "digest"; readonly sha256: Buffer };
  readonly signer:
    | { readonly kind: "identity"; readonly identity: string; readonly issuer: string }
    | { readonly kind: "key"; readonly pem: string };
}

/**
 * What `@sigstore/verify` says of a bundle: `accept`, or the reason why not. Whatever it throws is a refusal: for bundles
 * that nobody foresaw it throws TypeErrors and SyntaxErrors, too.
 *
 * It is the lower bound of strictness, not the measure of it. It accepts, and Waybill must not:
 * - a certificate where a key was asked for: the material in the bundle decides;
 * - an envelope about another artifact: no statement is looked into;
 * - a `messageDigest` that is not the artifact's, where there is no log entry;
 * - a log entry (v1 hashedrekord, dsse, intoto; v2) whose key or certificate is not the signer's;
 * - leaf certificates without the purpose of code signing, and leaves that may issue certificates;
 * - timestamps from a certificate of any purpose or none, of any policy, without or with a wrong signing-certificate
 *   attribute, with several signers (the first counts) or with unknown critical extensions;
 * - log keys of a trusted root without the start of their validity, and proofs of logs outside of their window;
 * - identities given as patterns, unanchored. Here the identity is escaped and anchored.
 *
 * And it refuses what is right: fractions of seconds in timestamps that have not exactly three digits; envelopes signed
 * with the hash of a P-384 or P-521 key; messages signed with Ed25519; several names in one certificate but the first;
 * SCTs of logs that it does not know; log entries rekord 0.0.1 and intoto 0.0.1.
 */
export const askSigstoreVerify = (question: OracleQuestion): string => {
  try {
    // A key does not expire, so nobody needs to say when it signed.
    const options = question.signer.kind === "key" ? { timestampThreshold: 0 } : {};
    new Verifier(trustOf(question), options).verify(entityOf(question), policyOf(question));
    return "accept";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

const trustOf = ({ trustedRoot, signer }: OracleQuestion): ReturnType<typeof toTrustMaterial> => {
  const root = TrustedRoot.fromJSON(JSON.parse(trustedRoot));
  if (signer.kind === "identity") return toTrustMaterial(root);
  const publicKey = createPublicKey(signer.pem);
  return toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
};

const entityOf = ({ bundle: text, artifact }: OracleQuestion): SignedEntity => {
  const bundle = bundleFromJSON(JSON.parse(text));
  if (artifact.kind === "bytes") return toSignedEntity(bundle, Buffer.from(artifact.bytes));
  const entity = toSignedEntity(bundle);
  const isMessage = bundle.content.$case === "messageSignature";
  return isMessage ? { ...entity, signature: digestContent(entity.signature, artifact.sha256) } : entity;
};

const policyOf = ({ signer }: OracleQuestion): Parameters<Verifier["verify"]>[1] =>
  signer.kind === "key"
    ? undefined
    : {
        subjectAlternativeName: new RegExp(`^${RegExp.escape(signer.identity)}$`),
        extensions: { issuer: signer.issuer },
      };
