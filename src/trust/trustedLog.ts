import type { PublicKey } from "#core/keyAlgorithm.ts";
import { noteKeyHash, spkiHash } from "#ledger/noteKey.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";
import type { TrustedLog, Window } from "#trust/trustRoot.ts";

/** What is known of a log besides what follows from its key. */
export interface LogFacts {
  /** Empty where nobody says. */
  readonly uri: string;
  readonly key: PublicKey;
  readonly window: Window;
  readonly operator: string | undefined;
}

/** A log that entries name by SHA-256 of its key. */
export const trustedLog = (facts: LogFacts): TrustedLog => {
  const keyId = spkiHash(facts.key.spki);
  return { ...facts, logId: keyId, keyId, origin: originOf(facts.uri) };
};

/** The ids that a document gives to a log; bytes, or undefined where it gives none. */
export interface GivenIds {
  readonly logId: Uint8Array | undefined;
  /** Four bytes as in signed notes, or all of the hash. */
  readonly checkpointKeyId: Uint8Array | undefined;
}

/**
 * A log under the id that its document gives it. TRUST_INVALID for an id that cannot be the key's. An Ed25519 or RSA log may
 * go by any name in its checkpoints (`origin=` of cosign's `trusted-root create`), so its logId is only held to its length.
 */
export const namedLog = (facts: LogFacts, { logId, checkpointKeyId }: GivenIds, what: string): TrustedLog => {
  const log = trustedLog(facts);
  const noteId = noteKeyHash(log.origin, facts.key);
  if (checkpointKeyId !== undefined) demandId(checkpointKeyId, [4, 32], `${what}.checkpointKeyId`);
  if (logId === undefined) {
    if (checkpointKeyId === undefined)
      throw trustFlaw("wrong-log-id", `${what} has neither logId nor checkpointKeyId, by which entries name it`);
    if (!startsWith(noteId, checkpointKeyId)) throw wrongId(`${what}.checkpointKeyId`);
    return { ...log, logId: noteId };
  }
  demandId(logId, [32], `${what}.logId`);
  const isOnlyOne = facts.key.kind.startsWith("ecdsa");
  if (isOnlyOne && !startsWith(log.keyId, logId)) throw wrongId(`${what}.logId`);
  if (isOnlyOne && checkpointKeyId !== undefined && !startsWith(noteId, checkpointKeyId)) {
    throw wrongId(`${what}.checkpointKeyId`);
  }
  return { ...log, logId };
};

const startsWith = (whole: Uint8Array, part: Uint8Array): boolean =>
  Buffer.from(whole.subarray(0, part.byteLength)).equals(part);

const demandId = (id: Uint8Array, lengths: readonly number[], what: string): void => {
  if (lengths.includes(id.byteLength)) return;
  throw trustFlaw("wrong-log-id", `${what} has ${id.byteLength} bytes and not ${lengths.join(" or ")}`);
};

const wrongId = (what: string): Error => trustFlaw("wrong-log-id", `${what} is not that of the log's key`);

/** Scheme and path left away: what checkpoints call a log (sigstore_trustroot.proto, base_url). */
const originOf = (uri: string): string => uri.replace(/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//, "").replace(/[/?#].*$/s, "");
