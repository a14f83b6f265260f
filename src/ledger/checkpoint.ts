import { WaybillError } from "#core/errors.ts";
import { decodeStrict } from "#ledger/decodeStrict.ts";
import { HASH_SIZE } from "#ledger/merkleHash.ts";

/** What a log says its tree is; the text of a signed note (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string;
  /** Leaves in the tree. */
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Lines that mean something to somebody; never empty. */
  readonly extensions: readonly string[];
}

const SIZE = /^(?:0|[1-9][0-9]{0,19})$/;
const MAX_SIZE = 2n ** 64n - 1n;

/** Reads the text of a note. INPUT_INVALID. */
export const readCheckpoint = (text: string): Checkpoint => {
  const [origin = "", digits = "", encoded = "", ...extensions] = text.split("\n");
  if (extensions.pop() !== "") throw bad("has fewer than three lines, or its last line has no end");
  if (origin === "" || extensions.includes("")) throw bad("has an empty line");
  const size = SIZE.test(digits) ? BigInt(digits) : -1n;
  if (size < 0n || size > MAX_SIZE) throw bad("has a second line that is no size");
  const root = decodeStrict(encoded);
  if (root?.byteLength !== HASH_SIZE) throw bad("has a third line that is no hash of 32 bytes");
  return { origin, size, root, extensions };
};

/** The text that the log signs, as `readCheckpoint` reads it back. INPUT_INVALID for what would be none. */
export const writeCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string => {
  const text = `${[origin, size, Buffer.from(root).toString("base64"), ...extensions].join("\n")}\n`;
  const { extensions: read } = readCheckpoint(text);
  if (read.length !== extensions.length) throw bad("has a line feed within a line");
  return text;
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `checkpoint: ${reason}`);
