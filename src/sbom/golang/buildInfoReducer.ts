import { WaybillError } from "#core/errors.ts";
import type { Reducer } from "#sbom/cataloger.ts";
import { collectStrings } from "#sbom/golang/collectStrings.ts";
import { findBlobs } from "#sbom/golang/findBlobs.ts";
import { followPointers } from "#sbom/golang/followPointers.ts";
import type { PointerSearch } from "#sbom/golang/followPointers.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";
import { readElfSegments } from "#sbom/golang/readElfSegments.ts";
import type { ElfSegments } from "#sbom/golang/readElfSegments.ts";

// Program headers follow the ELF header; Go's own linker leaves 4 KiB for both.
const HEAD = 4096;
const EMPTY: Buffer = Buffer.alloc(0);
const GO_NOTE = Buffer.from("Go\0\0");

/**
 * Finds Go's build information in a program that streams by, and keeps it as JSON of `GoBuildInfo`. Content that is no
 * ELF, PE or Mach-O file is given up at its fourth byte. In an ELF file only data segments are searched: a program that
 * is embedded in another one lies in read-only data. In other formats, and in an ELF file whose program headers are out of
 * sight, the last blob of the file is the program's own, for the same reason: data follows read-only data.
 *
 * INPUT_INVALID when there is a blob and none can be read.
 */
export const buildInfoReducer = (): Reducer => {
  let head = EMPTY;
  let search: Search | undefined;
  return {
    write: (chunk) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (search !== undefined) return search.add(bytes);
      const start = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      if (start.length >= 4 && !isProgram(start)) return false;
      if (start.length >= HEAD) {
        search = startSearch(start.subarray(0, HEAD));
        return search.add(start);
      }
      head = Buffer.from(start);
      return true;
    },
    end: () => {
      if (search === undefined && head.length >= 4 && isProgram(head)) {
        search = startSearch(head);
        search.add(head);
      }
      const info = search?.finish();
      return info === undefined ? undefined : Buffer.from(JSON.stringify(info));
    },
  };
};

// ELF; Mach-O of 32 and 64 bits in either byte order; universal Mach-O (a Java class has the same first four bytes, and
// nothing that looks like build information); PE begins with "MZ".
const MAGICS: ReadonlySet<number> = new Set([0x7f454c46, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe]);

const isProgram = (head: Buffer): boolean => head.readUInt16BE(0) === 0x4d5a || MAGICS.has(head.readUInt32BE(0));

interface Search {
  /** False when nothing more is wanted. */
  readonly add: (chunk: Buffer) => boolean;
  readonly finish: () => GoBuildInfo | undefined;
}

const startSearch = (head: Buffer): Search => {
  const elf = head[0] === 0x7f ? readElfSegments(head) : undefined;
  if (elf === undefined) return searchAnywhere();
  return elf.segments.some((segment) => segment.data) ? searchElf(elf, head) : searchUnrunnable();
};

// An ELF file without a data segment is no program: what it says about itself is stated, not believed.
const searchUnrunnable = (): Search => {
  const anywhere = searchAnywhere();
  return {
    add: anywhere.add,
    finish: () => refuse(anywhere.finish() === undefined ? undefined : "the file has no data segment"),
  };
};

// The last one counts: data follows the read-only data in which an embedded program would lie.
const searchAnywhere = (): Search => {
  const blobs = findBlobs(() => true);
  let last: GoBuildInfo | undefined;
  let position = 0;
  return {
    add: (chunk) => {
      for (const blob of blobs.add(chunk, position)) if (blob.kind === "inline") last = blob.info;
      position += chunk.length;
      return true;
    },
    finish: () => last ?? refuse(blobs.refusal()),
  };
};

const searchElf = (elf: ElfSegments, head: Buffer): Search => {
  const data = elf.segments.filter((segment) => segment.data);
  const end = Math.max(...data.map((segment) => segment.offset + segment.size));
  const blobs = findBlobs((at) => data.some(({ offset, size }) => at >= offset && at < offset + size));
  const strings = head.includes(GO_NOTE) ? collectStrings() : undefined;
  let found: GoBuildInfo | undefined;
  let pointers: PointerSearch | undefined;
  let position = 0;
  return {
    add: (chunk) => {
      const start = position;
      position += chunk.length;
      if (pointers === undefined) {
        strings?.add(chunk, start);
        const touches = data.some(({ offset, size }) => start < offset + size && position > offset);
        const [blob] = touches ? blobs.add(chunk, start) : [];
        if (blob?.kind === "inline") found = blob.info;
        else if (blob !== undefined && strings !== undefined) pointers = followPointers(elf, strings, blob);
      }
      pointers?.add(chunk, start);
      return found === undefined && position < end && pointers?.isComplete() !== true;
    },
    finish: () =>
      found ?? pointers?.finish() ?? refuse(pointers === undefined ? blobs.refusal() : "its strings are missing"),
  };
};

const refuse = (reason: string | undefined): undefined => {
  if (reason === undefined) return undefined;
  throw new WaybillError("INPUT_INVALID", `Go build information that cannot be read: ${reason}`);
};
