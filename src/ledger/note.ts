import { WaybillError } from "#core/errors.ts";
import { decodeStrict } from "#ledger/decodeStrict.ts";

/** A text and who signed it (C2SP signed-note). Nothing of it is verified; see `openNote`. */
export interface Note {
  /** Ends with a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  /** Name of the key. */
  readonly name: string;
  /** The first four bytes of the key's hash (`noteKeyHash`), big-endian. */
  readonly id: number;
  readonly signature: Uint8Array;
}

// A checkpoint has some hundred bytes, a signature of ML-DSA-44 about 3.2 KB; the specification wants at least 16 of them.
const MAX_SIGNATURES = 32;
const MAX_SIZE = 256 * 1024;

// C2SP signed-note, "Format": no ASCII control character but the line feed; names without spaces and plus signs.
// oxlint-disable-next-line no-control-regex -- exactly these are forbidden
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const NAME = /^[^\p{White_Space}+]+$/u;
const LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/u;

/**
 * Splits a note at its last blank line. Bytes must be strict UTF-8. INPUT_INVALID for anything that is no note,
 * LIMIT_EXCEEDED for one of over 256 KiB or 32 signatures.
 */
export const readNote = (note: string | Uint8Array): Note => {
  const whole = typeof note === "string" ? note : decode(note);
  if (whole.length > MAX_SIZE) throw over(`more than ${MAX_SIZE} bytes`);
  if (!whole.isWellFormed() || CONTROL.test(whole)) throw bad("holds control characters, or is no UTF-8");
  const blank = whole.lastIndexOf("\n\n");
  if (blank < 0) throw bad("has no blank line before its signatures");
  const lines = whole.slice(blank + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw bad("has no signature, or its last line has no end");
  if (lines.length > MAX_SIGNATURES) throw over(`${lines.length} signatures, the limit is ${MAX_SIGNATURES}`);
  return { text: whole.slice(0, blank + 1), signatures: lines.map(readLine) };
};

const decode = (bytes: Uint8Array): string => {
  if (bytes.byteLength > MAX_SIZE) throw over(`more than ${MAX_SIZE} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "signed note: is no UTF-8", { cause });
  }
};

const readLine = (line: string): NoteSignature => {
  const [, name = "", encoded = ""] = LINE.exec(line) ?? [];
  const bytes = decodeStrict(encoded);
  // Four bytes name the key; without one more there is no signature.
  if (!NAME.test(name) || bytes === undefined || bytes.byteLength < 5) throw bad("has a line that is no signature");
  return { name, id: Buffer.from(bytes.subarray(0, 4)).readUInt32BE(), signature: bytes.subarray(4) };
};

/** A note with these signatures, as `readNote` reads it back. INPUT_INVALID for what would be none. */
export const writeNote = ({ text, signatures }: Note): string => {
  if (!text.endsWith("\n")) throw bad("has a text that does not end its last line");
  const lines = signatures.map(({ name, id, signature }) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(id);
    return `\u2014 ${name} ${Buffer.concat([head, signature]).toString("base64")}\n`;
  });
  const note = `${text}\n${lines.join("")}`;
  readNote(note);
  return note;
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `signed note: ${reason}`);
const over = (reason: string): WaybillError => new WaybillError("LIMIT_EXCEEDED", `signed note: ${reason}`);
