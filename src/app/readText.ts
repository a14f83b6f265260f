import { WaybillError } from "#core/errors.ts";

/** A file's text, every byte of which comes back when it is written. INPUT_INVALID, LIMIT_EXCEEDED, naming the file. */
export const readText = (bytes: Uint8Array, cap: number, name: string): string => {
  if (bytes.byteLength > cap) throw new WaybillError("LIMIT_EXCEEDED", `${name} has more than ${cap} bytes`);
  const text = decode(bytes, name);
  if (text.includes("\0")) throw notText(name);
  return text;
};

const decode = (bytes: Uint8Array, name: string): string => {
  try {
    // A byte order mark stays: offsets are those of the file.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notText(name);
  }
};

const notText = (name: string): WaybillError => new WaybillError("INPUT_INVALID", `${name} is not UTF-8 text`);
