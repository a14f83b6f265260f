import { decodeName } from "#archive/entryName.ts";
import { readPaxRecords } from "#archive/paxRecords.ts";
import type { PaxRecords } from "#archive/paxRecords.ts";
import { BLOCK, isZeroBlock, readTarHeader } from "#archive/tarHeader.ts";
import type { TarHeader } from "#archive/tarHeader.ts";
import { WaybillError } from "#core/errors.ts";

/** Where an entry's content lies in the archive, or where a link in it leads. */
export type TarMember =
  | { readonly kind: "file"; readonly start: number; readonly size: number }
  /** `target`: from the archive's root, as another member is named. */
  | { readonly kind: "link"; readonly target: string };

export interface TarBytes {
  readonly size: number;
  /** Bytes from `start` on, fewer only at the end of the archive. */
  readonly read: (start: number, length: number) => Promise<Uint8Array>;
}

// Twice what a layout of a hundred thousand images has.
const MAX_MEMBERS = 500_000;
const MAX_EXTENSION = 1024 * 1024;
const FILES = "\u000007";
const PORTABLE = /^[A-Za-z0-9._/-]{1,4096}$/;

/**
 * Reads the headers of an uncompressed tar archive and skips what is between them. For archives of images, not for layers:
 * a name that is absolute, leads out, stands twice or holds unusual characters, a device or a sparse file, and a size beyond
 * the archive's end are IMAGE_REFUSED (airgap.md 2.4).
 */
export const scanTar = async (archive: TarBytes, what: string): Promise<ReadonlyMap<string, TarMember>> => {
  const members = new Map<string, TarMember>();
  const refuse = (reason: string): never => {
    throw new WaybillError("IMAGE_REFUSED", `${what}: ${reason}`);
  };
  let extended: Extended = {};
  for (let at = 0; at < archive.size;) {
    const block = await archive.read(at, BLOCK);
    if (block.byteLength < BLOCK) return refuse(at === 0 ? "is no tar archive" : "the archive ends within a header");
    if (isZeroBlock(block)) return members;
    const header = readTarHeader(block, what);
    const start = at + BLOCK;
    if (EXTENSIONS.includes(header.flag)) {
      if (header.size > MAX_EXTENSION) return refuse("an extended header is too large");
      extended = readExtension(extended, header, await archive.read(start, header.size), what);
      at = start + padded(header.size);
      continue;
    }
    const size = LINKS.includes(header.flag) || header.flag === "5" ? 0 : (extended.pax?.size ?? header.size);
    if (start + size > archive.size) return refuse("an entry goes beyond the archive's end");
    const name = cleanName(decodeName(extended.name ?? extended.pax?.path ?? header.name));
    if (name === undefined) return refuse("an entry has an absolute or unusual name, or one that leads out");
    const member = memberOf(header, extended, name, { start, size });
    if (member === "refused") return refuse(`${name} is neither a file, a directory nor a link`);
    if (members.has(name)) return refuse(`${name} is there twice`);
    if (member !== "directory") members.set(name, member);
    if (members.size > MAX_MEMBERS) throw new WaybillError("LIMIT_EXCEEDED", `${what}: more than ${MAX_MEMBERS} files`);
    extended = {};
    at = start + padded(size);
  }
  return members;
};

/** What extension headers said about the entry to come. */
interface Extended {
  readonly pax?: PaxRecords;
  readonly name?: Uint8Array;
  readonly link?: Uint8Array;
}

const EXTENSIONS = "xgLK";
const LINKS = "12";

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

const readExtension = (before: Extended, { flag }: TarHeader, body: Uint8Array, what: string): Extended => {
  if (flag === "x") return { ...before, pax: readPaxRecords(body, what) };
  // Global headers say nothing that matters here (git archive puts a commit there).
  if (flag === "g") return before;
  const nul = body.indexOf(0);
  const text = Uint8Array.from(nul === -1 ? body : body.subarray(0, nul));
  return flag === "L" ? { ...before, name: text } : { ...before, link: text };
};

const memberOf = (
  header: TarHeader,
  extended: Extended,
  name: string,
  place: { readonly start: number; readonly size: number },
): TarMember | "directory" | "refused" => {
  if (header.flag === "5" || name === "") return "directory";
  if (LINKS.includes(header.flag)) {
    const written = decodeName(extended.link ?? extended.pax?.linkPath ?? header.linkName);
    // A symbolic link is written from where it lies, a hard link from the root.
    const target = header.flag === "2" ? resolveLink(name, written) : cleanName(written);
    return target === undefined || target === "" ? "refused" : { kind: "link", target };
  }
  const sparse = header.gnu && header.flag === "S";
  const isFile = FILES.includes(header.flag) && !sparse && (extended.pax?.sparse.size ?? 0) === 0;
  return isFile ? { kind: "file", ...place } : "refused";
};

const resolveLink = (name: string, target: string): string | undefined => {
  if (target.startsWith("/")) return undefined;
  const parts = name.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return cleanName(parts.join("/"));
};

/** Without `./` and a slash at the end; the root is "". Undefined for what nobody should write. */
const cleanName = (name: string): string | undefined => {
  const plain = name.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
  if (plain === "" || plain === ".") return "";
  if (!PORTABLE.test(plain) || plain.startsWith("/")) return undefined;
  return plain.split("/").some((part) => part === ".." || part === "." || part === "") ? undefined : plain;
};
