import { WaybillError } from "#core/errors.ts";
import type { Reducer } from "#sbom/cataloger.ts";

/** What a reducer keeps of a file that comes in chunks of some size, or why it keeps nothing. */
const readInChunks = (reducer: Reducer, file: Buffer, size: number): string => {
  try {
    for (let at = 0; at < file.length; at += size) if (!reducer.write(file.subarray(at, at + size))) break;
    return Buffer.from(reducer.end() ?? []).toString();
  } catch (error) {
    if (error instanceof WaybillError) return error.message;
    throw error;
  }
};

/** What is kept; fails where that depends on how the file is cut into chunks. */
export const readEachWay = (create: (size: number) => Reducer, file: Buffer): string => {
  const whole = readInChunks(create(file.length), file, Math.max(1, file.length));
  for (const size of [61, 1000, 4097]) {
    const cut = readInChunks(create(file.length), file, size);
    if (cut !== whole) throw new TypeError(`in chunks of ${size} bytes: ${cut}; whole: ${whole}`);
  }
  return whole;
};
