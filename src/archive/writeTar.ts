import { WaybillError } from "#core/errors.ts";

/** One thing to put into a tar archive. Paths are relative to the archive's root, without leading or trailing slash. */
export type TarSource = TarPlace & (TarFile | TarLink | { readonly type: "directory" });

interface TarPlace {
  readonly path: string;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
}

interface TarFile {
  readonly type: "file";
  /** Bytes that `open` gives. */
  readonly size: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

interface TarLink {
  readonly type: "symlink" | "hardlink";
  /** Symlink: the target as written. Hardlink: the path of a file that sorts earlier in the same archive. */
  readonly linkTarget: string;
}

const BLOCK = 512;
const MAX_NAME = 100;
// Eleven octal digits; larger sizes go into a PAX record (POSIX.1-2017 pax, "ustar Interchange Format").
const MAX_OCTAL_SIZE = 0o77777777777;
const TYPE_FLAG = { file: "0", hardlink: "1", symlink: "2", directory: "5" } as const;

/**
 * Writes a tar archive (ustar, PAX records where a name or size does not fit) that depends on the entries alone: sorted by
 * path, missing parents added with mode 0755, owner 0:0, no times. Throws INPUT_INVALID for a path that is absolute,
 * repeated or leaves the root, SIZE_SHORT or SIZE_LONG where a file does not have the size announced.
 */
export async function* writeTar(entries: readonly TarSource[]): AsyncGenerator<Uint8Array> {
  for (const entry of arrange(entries)) {
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

const arrange = (entries: readonly TarSource[]): readonly TarSource[] => {
  const byPath = new Map<string, TarSource>();
  for (const entry of entries) {
    checkPath(entry.path);
    if (byPath.has(entry.path)) throw new WaybillError("INPUT_INVALID", `${entry.path} is twice in one archive`);
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) addParents(byPath, path);
  // UTF-16 order would do as well; what counts is that it is one order and that a parent's path, a prefix, comes first.
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

const addParents = (byPath: Map<string, TarSource>, path: string): void => {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const parent = path.slice(0, slash);
    const known = byPath.get(parent);
    if (known === undefined) byPath.set(parent, { path: parent, type: "directory", mode: 0o755 });
    else if (known.type !== "directory")
      throw new WaybillError("INPUT_INVALID", `${path} lies below ${parent}, which is a ${known.type}`);
  }
};

const checkPath = (path: string): void => {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === ".."))
    throw new WaybillError("INPUT_INVALID", `${JSON.stringify(path.slice(0, 200))} is not a plain relative path`);
};

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
