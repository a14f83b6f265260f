import { readBlobPaper } from "#claims/blobPaper.ts";
import type { BlobCandidate } from "#claims/claim.ts";
import { isLocalBundle, readLocalBundle } from "#claims/localBundle.ts";
import { readLocalParts } from "#claims/localParts.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import { parsePublicKey } from "#trust/publicKey.ts";

/** What cosign's bundle file from before Sigstore bundles holds. */
export interface OldBundle {
  readonly candidate: BlobCandidate;
  /** The key in it, which nobody vouches for; undefined where none is. */
  readonly key: PublicKey | undefined;
}

// As large as a bundle may be.
const LIMITS = { maxBytes: 176 * 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

/**
 * Reads cosign's old bundle file, of which a Sigstore bundle is to be made; undefined for any other document. INPUT_INVALID
 * where a Sigstore bundle v0.3 could not hold all of it: of log entries it has a promise at most, and v0.3 demands a proof.
 */
export const readOldBundle = (bytes: Uint8Array, name: string): OldBundle | undefined => {
  const document = parseStrict(bytes, name, LIMITS);
  if (!isJsonObject(document) || !isLocalBundle(document)) return undefined;
  const { content, material, logEntries } = readLocalParts(document);
  if (logEntries.length > 0)
    throw bad(
      name,
      "it has a log entry with a promise alone, and a Sigstore bundle v0.3 demands an inclusion proof",
      "Only the log can give the proof: cosign bundle create asks it, where it can be reached.",
    );
  if (material.kind === "certificates")
    throw bad(name, "it was signed with a certificate, and has no log entry that says when");
  const wanted = content.kind === "dsse" ? "statement" : "message";
  const { cert } = readLocalBundle(document);
  return {
    candidate: readBlobPaper({ form: "bundle", wanted }, bytes),
    key: cert === undefined ? undefined : parsePublicKey(cert, `the key in ${name}`),
  };
};

const bad = (name: string, reason: string, hint?: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${name}: ${reason}`, hint === undefined ? {} : { hint });
