import type { LogicalLine } from "#app/logicalLine.ts";

/** A word of an instruction as written, which may go on behind a continued line. */
export interface Word {
  readonly text: string;
  /** Where each of its characters stands in the file. */
  readonly offsets: readonly number[];
}

/** Where the first characters of a word end in the file, all of them by default. */
export const endOf = ({ text, offsets }: Word, count = text.length): number => (offsets[count - 1] ?? 0) + 1;

/** `KEYWORD --flag=value... WORD...` */
export interface Instruction {
  readonly line: number;
  /** In capitals. */
  readonly keyword: string;
  readonly flags: readonly Word[];
  readonly words: readonly Word[];
}

/** Divides an instruction; quotes and escapes keep blanks within a word, and stay in it. */
export const readInstruction = (line: LogicalLine, escape: string): Instruction =>
  toInstruction(line.line, splitWords(line, escape));

/** The instruction that an ONBUILD instruction holds. */
export const heldInstruction = ({ line, words }: Instruction): Instruction => toInstruction(line, words);

const toInstruction = (line: number, [keyword, ...rest]: readonly Word[]): Instruction => {
  const first = rest.findIndex(({ text }) => !text.startsWith("--") || text === "--");
  const count = first === -1 ? rest.length : first;
  return {
    line,
    keyword: (keyword?.text ?? "").toUpperCase(),
    flags: rest.slice(0, count),
    words: rest.slice(count),
  };
};

const splitWords = ({ text, offsets }: LogicalLine, escape: string): readonly Word[] =>
  [...text.matchAll(wordPattern(escape))].map(({ 0: word, index }) => ({
    text: word,
    offsets: offsets.slice(index, index + word.length),
  }));

/** Words between blanks, where quotes and escapes keep blanks together. */
export const wordPattern = (escape: string): RegExp => {
  const mark = escape === "`" ? "`" : "\\\\";
  return new RegExp(`(?:'[^']*'|"(?:${mark}[^]|[^"${mark}])*"|${mark}[^]|[^\\t\\n\\v\\f\\r ])+`, "g");
};
