import { WaybillError } from "#core/errors.ts";

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
// Papers of one image: what a tag can hold (cosign.md 1.5).
const MAX_DOCUMENTS = 1000;

/**
 * The JSON objects of a file that holds several one after another, with or without blanks between them (JSON lines, RFC
 * 7464 without its separators), each as its exact bytes. Whether each is valid JSON is for its reader to say. Throws
 * INPUT_INVALID for what stands outside of an object, LIMIT_EXCEEDED for more than 1000.
 */
export const splitJson = (bytes: Uint8Array, what: string): readonly Uint8Array[] => {
  const documents: Uint8Array[] = [];
  let [start, depth] = [0, 0];
  let quoted = false;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at] ?? 0;
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (depth === 0) {
      if (BLANKS.has(byte)) continue;
      if (byte !== OPEN) throw bad(what, at, "must begin a JSON object");
      [start, depth] = [at, 1];
    } else if (byte === QUOTE) quoted = true;
    else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) documents.push(bytes.subarray(start, at + 1));
    if (documents.length > MAX_DOCUMENTS)
      throw new WaybillError("LIMIT_EXCEEDED", `${what} holds more than ${MAX_DOCUMENTS} documents`);
  }
  if (depth > 0) throw bad(what, start, "begins a JSON object without an end");
  return documents;
};

const bad = (what: string, at: number, reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `${what}: what stands at byte ${at} ${reason}`);
