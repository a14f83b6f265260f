import { WaybillError } from "#core/errors.ts";
import { isPacked } from "#sbom/executable/isPacked.ts";
import type { FileRange, Program, ProgramLayout } from "#sbom/executable/program.ts";
import type { ProgramSearch } from "#sbom/executable/programReducer.ts";
import { collectStrings } from "#sbom/golang/collectStrings.ts";
import { findBlobs } from "#sbom/golang/findBlobs.ts";
import { followPointers } from "#sbom/golang/followPointers.ts";
import type { PointerSearch } from "#sbom/golang/followPointers.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";

type Search = ProgramSearch<GoBuildInfo>;

// Go's linker leaves 4 KiB for the headers and the note.
const HEADERS = 4096;
const GO_NOTE = Buffer.from("Go\0\0");

/**
 * Finds Go's build information in a program. Only data segments are searched: a program that is embedded in another one
 * lies in read-only data. Where the segments are out of sight the last blob of the file is the program's own, for the
 * same reason: data follows read-only data. INPUT_INVALID when there is a blob and none can be read, and for a packed
 * program.
 */
export const buildInfoSearch = (program: Program): Search => {
  const { layout, format, head } = program;
  if (isPacked(program)) return searchPacked();
  if (layout === undefined) return searchAnywhere();
  if (!layout.segments.some((segment) => segment.data)) return searchUnrunnable();
  // Of ELF files only those with Go's note can have addresses in their build information; others have no such mark.
  const mayPoint = format !== "elf" || head.subarray(0, HEADERS).includes(GO_NOTE);
  return searchData(layout, mayPoint);
};

const searchPacked = (): Search => ({
  add: () => false,
  finish: () => {
    throw new WaybillError("INPUT_INVALID", "the program is packed by UPX: what it was built from cannot be seen");
  },
});

// A file without a data segment is no program: what it says about itself is stated, not believed.
const searchUnrunnable = (): Search => {
  const anywhere = searchAnywhere();
  return {
    add: anywhere.add,
    finish: () => refuse(anywhere.finish() === undefined ? undefined : "the file has no data segment"),
  };
};

// The last one counts: data follows the read-only data in which an embedded program would lie.
const searchAnywhere = (): Search => {
  const blobs = findBlobs();
  let last: GoBuildInfo | undefined;
  return {
    add: (chunk, position) => {
      for (const blob of blobs.add(chunk, position)) if (blob.kind === "inline") last = blob.info;
      return true;
    },
    finish: () => last ?? refuse(blobs.refusal()),
  };
};

const searchData = (layout: ProgramLayout, mayPoint: boolean): Search => {
  const data = joinRanges(layout.segments.filter((segment) => segment.data));
  const end = data.at(-1)?.end ?? 0;
  const blobs = findBlobs();
  const strings = mayPoint ? collectStrings() : undefined;
  let found: GoBuildInfo | undefined;
  let pointers: PointerSearch | undefined;
  const take = (chunk: Buffer, start: number): void => {
    for (const range of data) {
      const from = Math.max(0, range.start - start);
      const piece = chunk.subarray(from, Math.max(from, range.end - start));
      if (piece.length === 0) continue;
      const [blob] = blobs.add(piece, start + from);
      if (blob?.kind === "inline") found = blob.info;
      else if (blob !== undefined && strings !== undefined) pointers = followPointers(layout, strings, blob);
      if (blob !== undefined) return;
    }
  };
  return {
    add: (chunk, start) => {
      if (pointers === undefined) {
        strings?.add(chunk, start);
        take(chunk, start);
      }
      pointers?.add(chunk, start);
      return found === undefined && start + chunk.length < end && pointers?.isComplete() !== true;
    },
    finish: () =>
      found ?? pointers?.finish() ?? refuse(pointers === undefined ? blobs.refusal() : "its strings are missing"),
  };
};

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** In file order; what overlaps or touches is one. */
const joinRanges = (ranges: readonly FileRange[]): readonly Stretch[] => {
  const joined: Stretch[] = [];
  for (const { offset, size } of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = joined.at(-1);
    if (last === undefined || offset > last.end) joined.push({ start: offset, end: offset + size });
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, offset + size) };
  }
  return joined;
};

const refuse = (reason: string | undefined): undefined => {
  if (reason === undefined) return undefined;
  throw new WaybillError("INPUT_INVALID", `Go build information that cannot be read: ${reason}`);
};
