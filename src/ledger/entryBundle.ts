import { WaybillError } from "#core/errors.ts";

// A tile's worth; each length is two bytes (C2SP tlog-tiles, "Log Entries").
const MAX_ENTRIES = 256;
const MAX_ENTRY = 0xffff;

/**
 * The entries under a tile of level 0, each after its length in two bytes. INPUT_INVALID for more than 256, and for one of
 * over 65535 bytes.
 */
export const writeEntryBundle = (entries: readonly Uint8Array[]): Uint8Array => {
  if (entries.length > MAX_ENTRIES) throw bad(`has ${entries.length} entries; ${MAX_ENTRIES} are allowed`);
  return Buffer.concat(
    entries.flatMap((entry) => {
      const size = entry.byteLength;
      if (size > MAX_ENTRY) throw bad(`has an entry of ${size} bytes; ${MAX_ENTRY} are allowed`);
      return [Buffer.of(size >> 8, size & 0xff), entry];
    }),
  );
};

/** The entries again. INPUT_INVALID for more than 256, and where the last one is cut off. */
export const readEntryBundle = (bytes: Uint8Array): readonly Uint8Array[] => {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const start = at + 2;
    at = start + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
    if (start > bytes.byteLength || at > bytes.byteLength) throw bad("is cut off");
    if (entries.length === MAX_ENTRIES) throw bad(`has more than ${MAX_ENTRIES} entries`);
    entries.push(bytes.subarray(start, at));
  }
  return entries;
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `entry bundle: ${reason}`);
