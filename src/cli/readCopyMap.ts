import type { CopyLine } from "#app/copyImages.ts";
import { WaybillError } from "#core/errors.ts";

const MAX_LINES = 100_000;

/** The lines `SRC DST` of a map file; `#` begins a comment, empty lines count for nothing. INPUT_INVALID names file and line. */
export const readCopyMap = (bytes: Uint8Array, file: string): readonly CopyLine[] => {
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.length > MAX_LINES) throw new WaybillError("LIMIT_EXCEEDED", `${file}: more than ${MAX_LINES} lines`);
  const read = lines.flatMap((line, at) => readLine(line, `${file}:${at + 1}`));
  if (read.length === 0) throw new WaybillError("INPUT_INVALID", `${file}: there is no line SRC DST in it`);
  return read;
};

const readLine = (line: string, where: string): readonly CopyLine[] => {
  // A reference holds no #, and no blank.
  const words = line.replace(/#.*$/, "").trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const [from, to, ...more] = words;
  if (from === undefined || to === undefined || more.length > 0) {
    throw new WaybillError("INPUT_INVALID", `${where}: ${words.length} words, there must be two`, {
      hint: "Write the source, a blank and the target: registry.example/app:1.0 mirror.example/app:1.0.",
    });
  }
  return [{ from, to }];
};
