import { WaybillError } from "#core/errors.ts";
import type { FileRange } from "#sbom/executable/program.ts";

const OLDEST = 2;
const NEWEST = 6;

/**
 * Where a bundle's header says that the list of libraries is (dotnet/designs, "bundler.md"; dotnet/runtime, `header.h`);
 * undefined where the bundle has none. INPUT_INVALID for bytes that are no such header, and for those of .NET Core 3, which do not say it.
 */
export const readBundleHeader = (bytes: Buffer | undefined): FileRange | undefined => {
  // Version (8), number of files (4), length of the id (1, below 128), id, then offset and size of the list.
  const idLength = bytes === undefined || bytes.length < 13 ? 128 : (bytes[12] ?? 128);
  const at = 13 + idLength;
  if (bytes === undefined || idLength > 127 || at + 16 > bytes.length) throw invalid("it is cut off");
  const major = bytes.readUInt32LE(0);
  if (major < OLDEST || major > NEWEST) throw invalid(`version ${major}`);
  const offset = Number(bytes.readBigInt64LE(at));
  const size = Number(bytes.readBigInt64LE(at + 8));
  if (![offset, size].every((value) => Number.isSafeInteger(value) && value >= 0)) throw invalid("no such place");
  return size === 0 ? undefined : { offset, size };
};

const invalid = (reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `.NET bundle whose header cannot be read: ${reason}`);
