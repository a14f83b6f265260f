import type { Note, NoteSignature } from "#ledger/note.ts";

/** A key that is known, and how to check a signature of it. */
export interface NoteVerifier {
  readonly name: string;
  /** As in `NoteSignature`. */
  readonly id: number;
  /** `text` is the note's text in UTF-8, `signature` what follows the four bytes of the id. */
  readonly check: (text: Uint8Array, signature: Uint8Array) => boolean;
}

/** What the known keys say of a note. */
export interface OpenedNote {
  /** Signatures of known keys, each of which was checked. */
  readonly known: readonly NoteSignature[];
  /** Signatures of nobody that is known: they say nothing. */
  readonly unknown: readonly NoteSignature[];
}

/**
 * Checks every signature whose key is known by name and id. Undefined where one of them fails, or there is none: then the
 * text means nothing (C2SP signed-note, "Signatures"). Keys that share a name and an id are told apart by trying.
 */
export const openNote = (note: Note, verifiers: readonly NoteVerifier[]): OpenedNote | undefined => {
  const text = Buffer.from(note.text);
  const known: NoteSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const one of note.signatures) {
    const keys = verifiers.filter(({ name, id }) => name === one.name && id === one.id);
    if (keys.length === 0) unknown.push(one);
    else if (keys.some(({ check }) => check(text, one.signature))) known.push(one);
    else return undefined;
  }
  return known.length === 0 ? undefined : { known, unknown };
};
