import { WaybillError } from "#core/errors.ts";
import { readBundleHeader } from "#sbom/dotnet/readBundleHeader.ts";
import { readDepsJson } from "#sbom/dotnet/readDepsJson.ts";
import type { DepsFile } from "#sbom/dotnet/readDepsJson.ts";
import { endOfLayout } from "#sbom/executable/program.ts";
import type { FileRange, Program, ProgramLayout } from "#sbom/executable/program.ts";
import type { ProgramSearch } from "#sbom/executable/programReducer.ts";
import { rangeCollector } from "#sbom/executable/rangeCollector.ts";
import type { RangeCollector } from "#sbom/executable/rangeCollector.ts";

type Search = ProgramSearch<DepsFile>;

// dotnet/runtime, `bundle_marker.cpp`: SHA-256 of ".net core bundle", behind the offset of the bundle's header.
const SIGNATURE = Buffer.from("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae", "hex");
const LIST_START = Buffer.from('"runtimeTarget": {');
// What may stand before that in a list: `{` and white space.
const BEFORE = 64;
const MAX_HEADER = 256;
const MAX_LIST = 4 * 1024 * 1024;
const MAX_CANDIDATES = 4;

/**
 * Finds the list of libraries (deps.json) of a .NET application that was published as a single file: everything is appended
 * to the host program, and the bundle's header, at the end, says where the list is. The header's own place stands in the host's
 * data. What looks like the beginning of a list is kept until the header is there. INPUT_INVALID where it is a bundle and its
 * list cannot be read. Mach-O is left out: there, the bundle is no appendix.
 */
export const bundleSearch = ({ layout, format, size }: Program): Search | undefined => {
  if (layout === undefined || format === "mach-o") return undefined;
  const end = endOfLayout(layout);
  return size <= end + LIST_START.length ? undefined : searchBundle(layout, end, size);
};

const searchBundle = (layout: ProgramLayout, end: number, size: number): Search => {
  const data = layout.segments.filter((segment) => segment.data);
  const candidates: RangeCollector[] = [];
  let header: { readonly at: number; readonly bytes: RangeCollector } | undefined;
  let carry: Buffer = Buffer.alloc(0);
  const meet = (window: Buffer, base: number, position: number): void => {
    if (header === undefined) {
      const at = findHeader(window, base, data);
      if (at !== undefined && at >= end && at < size)
        header = { at, bytes: rangeCollector({ offset: at, size: MAX_HEADER }) };
    }
    for (const at of header === undefined ? [] : findLists(window, base, end)) {
      // Bytes that were carried alone were met before.
      if (at + LIST_START.length <= position) continue;
      const start = Math.max(end, at - BEFORE);
      if (candidates.length < MAX_CANDIDATES) candidates.push(rangeCollector({ offset: start, size: MAX_LIST }));
    }
    header?.bytes.add(window, base);
    for (const candidate of candidates) candidate.add(window, base);
  };
  return {
    add: (chunk, position) => {
      const window = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      meet(window, position - carry.length, position);
      carry = Buffer.from(window.subarray(-BEFORE - LIST_START.length));
      return header !== undefined || position + chunk.length < end;
    },
    finish: () => {
      if (header === undefined) return undefined;
      const { at, bytes } = header;
      const read = readBundleHeader(bytes.bytesAt({ offset: at, size: Math.min(MAX_HEADER, size - at) }));
      return read === undefined ? undefined : readList(read, candidates);
    },
  };
};

/** The offset that stands before the signature in a data segment. */
const findHeader = (window: Buffer, base: number, data: readonly FileRange[]): number | undefined => {
  const touches = data.some(({ offset, size }) => base < offset + size && base + window.length > offset);
  const at = touches ? window.indexOf(SIGNATURE) : -1;
  if (at < 8 || !data.some(({ offset, size }) => base + at >= offset && base + at < offset + size)) return undefined;
  // A host without a bundle has 0 there.
  const offset = Number(window.readBigInt64LE(at - 8));
  return Number.isSafeInteger(offset) && offset > 0 ? offset : undefined;
};

const findLists = (window: Buffer, base: number, end: number): readonly number[] => {
  const found: number[] = [];
  for (let at = window.indexOf(LIST_START); at >= 0; at = window.indexOf(LIST_START, at + 1))
    if (base + at >= end && found.length < MAX_CANDIDATES) found.push(base + at);
  return found;
};

const readList = (list: FileRange, candidates: readonly RangeCollector[]): DepsFile | undefined => {
  if (list.size > MAX_LIST)
    throw new WaybillError("LIMIT_EXCEEDED", `list of .NET libraries of more than ${MAX_LIST} bytes`);
  const bytes = candidates.map((candidate) => candidate.bytesAt(list)).find((one) => one !== undefined);
  if (bytes === undefined)
    throw new WaybillError("INPUT_INVALID", ".NET bundle whose list of libraries is not where its header says");
  return readDepsJson(bytes);
};
