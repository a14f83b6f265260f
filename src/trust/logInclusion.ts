import type { InclusionProof, LogEntry } from "#claims/logEntry.ts";
import { hasCode } from "#core/errors.ts";
import { readCheckpoint } from "#ledger/checkpoint.ts";
import type { Checkpoint } from "#ledger/checkpoint.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { readNote } from "#ledger/note.ts";
import type { Note } from "#ledger/note.ts";
import { noteKeyHash, noteKeyId, spkiHash } from "#ledger/noteKey.ts";
import { openNote } from "#ledger/openNote.ts";
import type { NoteVerifier } from "#ledger/openNote.ts";
import { verifyInclusion } from "#ledger/verifyInclusion.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import type { LogBody } from "#trust/logBody.ts";
import type { TrustedLog } from "#trust/trustRoot.ts";

/** That an entry is in the tree of a checkpoint. */
export interface ProvenInclusion {
  readonly treeSize: bigint;
  readonly origin: string;
  /** Names on the checkpoint's other signatures. Whose they are nobody has checked. */
  readonly witnesses: readonly string[];
}

/**
 * Whether the entry is in the log's tree (RFC 6962 section 2.1.1). Undefined where the proof is sound and comes without a
 * checkpoint: anybody can make one such. The size and the root are those that the log signed.
 */
export const checkInclusion = (
  entry: LogEntry,
  proof: InclusionProof,
  log: TrustedLog,
  generation: LogBody["generation"],
): ProvenInclusion | undefined | Fault => {
  const { index, treeSize, hashes, rootHash } = proof;
  // The tree of Rekor v2 is the whole log.
  const isElsewhere = generation === 2 && index !== entry.index;
  const leaf = hashLeaf(entry.body ?? new Uint8Array());
  if (
    isElsewhere ||
    rootHash === undefined ||
    !verifyInclusion({ index, size: treeSize, leaf, hashes, root: rootHash })
  )
    return { code: "log-proof", reason: "its log entry is not where its inclusion proof says" };
  if (proof.checkpoint === undefined) return undefined;
  const opened = openCheckpoint(proof.checkpoint, log, generation);
  if (isFault(opened)) return opened;
  const { size, root, origin } = opened.checkpoint;
  if (size !== treeSize || Buffer.compare(root, rootHash) !== 0)
    return {
      code: "log-checkpoint",
      reason: "its log entry has a checkpoint of another tree than its inclusion proof",
    };
  return { treeSize: size, origin, witnesses: opened.witnesses };
};

interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly witnesses: readonly string[];
}

const openCheckpoint = (text: string, log: TrustedLog, generation: LogBody["generation"]): OpenedCheckpoint | Fault => {
  try {
    const note = readNote(text);
    const opened = openNote(note, verifiersOf(log, note));
    const checkpoint = readCheckpoint(note.text);
    if (opened === undefined) return wrong(`has a checkpoint that ${quoted(nameOf(log))} did not sign`);
    const name = opened.known[0]?.name ?? "";
    if (!isOrigin(checkpoint.origin, name, generation))
      return wrong(`has a checkpoint of ${quoted(checkpoint.origin)}, not of ${quoted(name)}`);
    return { checkpoint, witnesses: opened.unknown.map((one) => one.name) };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return wrong(`has no checkpoint that can be read: ${error.message}`);
  }
};

const wrong = (reason: string): Fault => ({ code: "log-checkpoint", reason: `its log entry ${reason}` });

/** Rekor v1 appends the number of the tree, of which a log may have several. */
const isOrigin = (origin: string, name: string, generation: LogBody["generation"]): boolean =>
  generation === 2 ? origin === name : origin.startsWith(`${name} - `) && /^ - \d+$/.test(origin.slice(name.length));

const nameOf = ({ origin, uri }: TrustedLog): string => origin || uri || "the log";

/** Under each name that the log may sign by, its key as Rekor v2 and as Rekor v1 call it (cosign.md 6.5, 6.2). */
const verifiersOf = (log: TrustedLog, note: Note): readonly NoteVerifier[] =>
  [...new Set(note.signatures.map(({ name }) => name))]
    .filter((name) => isName(name, log))
    .flatMap((name) =>
      [noteKeyHash(name, log.key), spkiHash(log.key.spki)].map((keyHash) => ({
        name,
        id: noteKeyId(keyHash),
        check: (bytes, signature) => isSigned(log, bytes, signature),
      })),
    );

/**
 * The host of the log's address, with or without its port (cosign wants it without), or the name that the log's id was made
 * with. A key that was given alone has no name, and then any will do.
 */
const isName = (name: string, { origin, key, logId }: TrustedLog): boolean => {
  if (origin === "" || name === origin || name === origin.replace(/:\d+$/, "")) return true;
  // The id of an ECDSA key says nothing of a name.
  return !key.kind.startsWith("ecdsa") && Buffer.compare(noteKeyHash(name, key), logId) === 0;
};

/** Notes are signed with plain Ed25519 (C2SP signed-note, "Signature types"). */
const isSigned = ({ key }: TrustedLog, bytes: Uint8Array, signature: Uint8Array): boolean => {
  const scheme = checkSignature(key, bytes, signature);
  return scheme !== undefined && scheme !== "ed25519ph";
};
