import { hasCode } from "#core/errors.ts";
import type { Reducer } from "#sbom/cataloger.ts";
import { formatOf } from "#sbom/executable/formatOf.ts";
import type { FileRange, Program, ProgramLayout } from "#sbom/executable/program.ts";
import { readElf } from "#sbom/executable/readElf.ts";
import { readMachO, sizeOfMachOHead } from "#sbom/executable/readMachO.ts";
import { readPe } from "#sbom/executable/readPe.ts";
import { readUniversal } from "#sbom/executable/readUniversal.ts";

/** Looks for something in one program that streams by. */
export interface ProgramSearch<Found> {
  /** Takes the bytes that stand at `position` in the program; false when no more is wanted. */
  readonly add: (chunk: Buffer, position: number) => boolean;
  /** What was found. INPUT_INVALID, LIMIT_EXCEEDED: it is there and cannot be read. */
  readonly finish: () => Found | undefined;
}

/** Starts a search in a program; undefined when its headers say that there is nothing to be found. */
export type StartSearch<Found> = (program: Program) => ProgramSearch<Found> | undefined;

/** What `programReducer` keeps, as JSON. */
export interface FoundInPrograms<Found> {
  readonly found: readonly Found[];
  /** Of a universal file: why other programs in it could not be read. */
  readonly failures: readonly string[];
}

// Program headers follow the ELF header; Go's own linker leaves 4 KiB for both. PE headers are smaller.
const HEAD = 4096;
// Load commands of the largest programs have some 10 KiB.
const MAX_HEAD = 64 * 1024;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Searches the program, or the programs of a universal Mach-O file, that a file's content is, and keeps what is found as
 * JSON of `FoundInPrograms`. Content that is no ELF, PE or Mach-O file is given up at its fourth byte.
 */
export const programReducer = <Found>(size: number, start: StartSearch<Found>): Reducer => {
  const file = readFile(size, start);
  return {
    write: (chunk) => file.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
    end: () => {
      const { found, failures } = file.finish();
      const [failure] = failures;
      if (found.length === 0 && failure !== undefined) throw failure;
      if (found.length === 0) return undefined;
      return Buffer.from(JSON.stringify({ found, failures: failures.map(({ message }) => message) }));
    },
  };
};

interface ProgramFile<Found> {
  readonly write: (bytes: Buffer) => boolean;
  readonly finish: () => { readonly found: readonly Found[]; readonly failures: readonly Error[] };
}

const readFile = <Found>(size: number, start: StartSearch<Found>): ProgramFile<Found> => {
  let head = EMPTY;
  let parts: readonly ProgramPart<Found>[] | undefined;
  let position = 0;
  const begin = (bytes: Buffer): readonly ProgramPart<Found>[] => {
    const slices = readUniversal(bytes);
    if (slices === undefined) return [readPart({ offset: 0, size }, start)];
    return slices.map((slice) => readPart(slice, start));
  };
  const feed = (bytes: Buffer): boolean => {
    const from = position;
    position += bytes.length;
    return (parts ?? []).map((part) => part.add(bytes, from)).includes(true);
  };
  return {
    write: (bytes) => {
      if (parts !== undefined) return feed(bytes);
      const all = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      if (all.length >= 4 && formatOf(all) === undefined) return false;
      if (all.length < HEAD) {
        head = Buffer.from(all);
        return true;
      }
      parts = begin(all);
      return feed(all);
    },
    finish: () => {
      if (parts === undefined && head.length >= 4 && formatOf(head) !== undefined) {
        parts = begin(head);
        feed(head);
      }
      const outcomes = (parts ?? []).map((part) => attempt(part.finish));
      return {
        found: outcomes.flatMap(({ found }) => (found === undefined ? [] : [found])),
        failures: outcomes.flatMap(({ failure }) => failure ?? []),
      };
    },
  };
};

interface ProgramPart<Found> {
  /** Takes bytes of the file; false when no more is wanted. */
  readonly add: (bytes: Buffer, position: number) => boolean;
  readonly finish: () => Found | undefined;
}

/** One program within the file: collects its head, then lets the search see all of it. */
const readPart = <Found>(slice: FileRange, start: StartSearch<Found>): ProgramPart<Found> => {
  let head = EMPTY;
  let search: ProgramSearch<Found> | undefined;
  let isOver = false;
  let next = 0;
  const begin = (): boolean => {
    const bytes = head;
    head = EMPTY;
    // Exactly so many: what is found must not depend on how the bytes were cut into chunks.
    const program = readProgram(bytes.subarray(0, headSize(bytes)), slice.size);
    search = program === undefined ? undefined : start(program);
    return search !== undefined && search.add(bytes, 0);
  };
  const take = (bytes: Buffer): boolean => {
    next += bytes.length;
    if (search !== undefined) return search.add(bytes, next - bytes.length);
    head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
    if (head.length < headSize(head)) {
      head = Buffer.from(head);
      return true;
    }
    return begin();
  };
  return {
    add: (bytes, position) => {
      if (isOver) return false;
      const from = Math.max(0, slice.offset + next - position);
      const mine = bytes.subarray(from, Math.max(from, slice.offset + slice.size - position));
      if (mine.length > 0) isOver = !take(mine);
      isOver ||= next >= slice.size && search !== undefined;
      return !isOver;
    },
    finish: () => {
      if (search === undefined && !isOver && head.length > 0) begin();
      return search?.finish();
    },
  };
};

const headSize = (head: Buffer): number =>
  formatOf(head) === "mach-o" ? Math.min(MAX_HEAD, Math.max(HEAD, sizeOfMachOHead(head))) : HEAD;

const readProgram = (head: Buffer, size: number): Program | undefined => {
  const format = formatOf(head);
  if (format === undefined || format === "universal") return undefined;
  return { format, size, layout: LAYOUTS[format](head), head };
};

const LAYOUTS: Readonly<Record<Program["format"], (head: Buffer) => ProgramLayout | undefined>> = {
  elf: readElf,
  pe: readPe,
  "mach-o": readMachO,
};

const attempt = <Found>(action: () => Found | undefined): { readonly found?: Found; readonly failure?: Error } => {
  try {
    const found = action();
    return found === undefined ? {} : { found };
  } catch (error) {
    if (!hasCode(error, "LIMIT_EXCEEDED", "INPUT_INVALID")) throw error;
    return { failure: error };
  }
};
