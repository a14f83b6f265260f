import { BLOCK } from "#archive/tarHeader.ts";
import type { TarFile, TarPlace, TarSource } from "#archive/tarSource.ts";
import { WaybillError } from "#core/errors.ts";

const MAX_NAME = 100;
// Eleven octal digits; larger sizes go into a PAX record (POSIX.1-2017 pax, "ustar Interchange Format").
const MAX_OCTAL_SIZE = 0o77777777777;
const TYPE_FLAG = { file: "0", hardlink: "1", symlink: "2", directory: "5" } as const;

/**
 * The bytes of a tar archive (ustar, PAX records where a name or size does not fit) of these entries in this order: owner
 * 0:0, no times. SIZE_SHORT or SIZE_LONG where a file does not have the size announced.
 */
export async function* formatTar(entries: Iterable<TarSource>): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield header(entry);
    if (entry.type === "file") yield* content(entry);
  }
  // POSIX: two zero blocks end the archive.
  yield Buffer.alloc(2 * BLOCK);
}

async function* content(entry: TarPlace & TarFile): AsyncGenerator<Uint8Array> {
  let written = 0;
  for await (const chunk of entry.open()) {
    written += chunk.byteLength;
    if (written > entry.size) throw new WaybillError("SIZE_LONG", `${entry.path} grew while it was read`);
    yield chunk;
  }
  if (written < entry.size) throw new WaybillError("SIZE_SHORT", `${entry.path} shrank while it was read`);
  const rest = entry.size % BLOCK;
  if (rest !== 0) yield Buffer.alloc(BLOCK - rest);
}

const header = (entry: TarSource): Buffer => {
  const name = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const link = "linkTarget" in entry ? entry.linkTarget : "";
  const size = entry.type === "file" ? entry.size : 0;
  const records = [
    ...(fits(name) ? [] : [paxRecord("path", name)]),
    ...(fits(link) ? [] : [paxRecord("linkpath", link)]),
    ...(size > MAX_OCTAL_SIZE ? [paxRecord("size", String(size))] : []),
  ];
  const main = block(shorten(name), entry.mode, size > MAX_OCTAL_SIZE ? 0 : size, TYPE_FLAG[entry.type], shorten(link));
  if (records.length === 0) return main;
  const body = Buffer.concat(records);
  const padding = Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK);
  return Buffer.concat([block(shorten(`PaxHeaders/${name}`), 0o644, body.length, "x", ""), body, padding, main]);
};

// Only ASCII means the same to every reader of a plain ustar field; POSIX gives UTF-8 to PAX records alone.
const fits = (text: string): boolean => text.length <= MAX_NAME && /^[\x20-\x7e]*$/.test(text);

const shorten = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "_").slice(0, MAX_NAME);

/** `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, itself included. */
const paxRecord = (key: string, value: string): Buffer => {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
};

const block = (name: string, mode: number, size: number, type: string, link: string): Buffer => {
  const bytes = Buffer.alloc(BLOCK);
  bytes.write(name, 0, MAX_NAME, "latin1");
  bytes.write(octal(mode & 0o7777, 7), 100, "latin1");
  bytes.write(octal(0, 7), 108, "latin1");
  bytes.write(octal(0, 7), 116, "latin1");
  bytes.write(octal(size, 11), 124, "latin1");
  bytes.write(octal(0, 11), 136, "latin1");
  bytes.write(type, 156, "latin1");
  bytes.write(link, 157, MAX_NAME, "latin1");
  bytes.write("ustar\u000000", 257, "latin1");
  bytes.write(octal(0, 7), 329, "latin1");
  bytes.write(octal(0, 7), 337, "latin1");
  // The checksum counts its own field as eight blanks.
  bytes.fill(" ", 148, 156);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return bytes;
};

const octal = (value: number, width: number): string => value.toString(8).padStart(width, "0");
