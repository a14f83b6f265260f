import { invalidLine } from "#app/invalidLine.ts";
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
  /** Without quotes and escapes. */
  readonly flags: readonly Word[];
  /** With them. */
  readonly words: readonly Word[];
  /** All behind the flags. */
  readonly rest: LogicalLine;
}

const BLANK = /[\t\n\v\f\r ]/;
// BuildKit looks for blanks of Unicode, and among flags in each byte.
const ODD_BLANK = /[^\S\t\n\v\f\r ]|\u0085/;

/**
 * Divides an instruction as BuildKit does (frontend/dockerfile/parser, splitCommand): among flags quotes and backslashes vanish,
 * whatever the escape character is; behind them both keep blanks within a word, and stay. INPUT_INVALID where a builder could
 * find other flags.
 */
export const readInstruction = (line: LogicalLine, escape: string): Instruction => {
  const [before = "", keyword = ""] = /^[\t\n\v\f\r ]*([^\t\n\v\f\r ]*)/.exec(line.text) ?? [];
  const { flags, end } = readFlags(line, before.length);
  const rest = { ...line, text: line.text.slice(end), offsets: line.offsets.slice(end) };
  if (/^(?:FROM|ARG)$/i.test(keyword) && ODD_BLANK.test(rest.text))
    throw invalidLine(line.line, "it holds an odd blank");
  return { line: line.line, keyword: keyword.toUpperCase(), flags, words: splitWords(rest, escape), rest };
};

/** The instruction that an ONBUILD instruction holds. */
export const heldInstruction = ({ rest }: Instruction, escape: string): Instruction => readInstruction(rest, escape);

const readFlags = (line: LogicalLine, from: number): { readonly flags: readonly Word[]; readonly end: number } => {
  const flags: Word[] = [];
  for (let at = from; ;) {
    while (BLANK.test(line.text.charAt(at))) at++;
    if (ODD_BLANK.test(line.text.charAt(at))) throw invalidLine(line.line, "an odd blank stands before its words");
    if (!line.text.startsWith("--", at)) return { flags, end: at };
    const { flag, end } = readFlag(line, at);
    at = end;
    if (flag.text === "--") return { flags, end: at };
    if (/[^ -~]/.test(flag.text)) throw invalidLine(line.line, "a flag holds a character that is not ASCII");
    // A version of BuildKit takes the value from the next word.
    if (/^--(?:from|mount)$/.test(flag.text)) throw invalidLine(line.line, `${flag.text} has no value behind =`);
    flags.push(flag);
  }
};

const readFlag = ({ text, offsets }: LogicalLine, from: number): { readonly flag: Word; readonly end: number } => {
  const kept: number[] = [];
  let quote = "";
  let at = from;
  for (; at < text.length; at++) {
    const one = text.charAt(at);
    if (quote === "" && BLANK.test(one)) break;
    if (one === quote) quote = "";
    else if (quote === "" && (one === '"' || one === "'")) quote = one;
    else {
      if (one === "\\") at++;
      if (at < text.length) kept.push(at);
    }
  }
  const flag = {
    text: kept.map((place) => text.charAt(place)).join(""),
    offsets: kept.map((place) => offsets[place] ?? 0),
  };
  return { flag, end: at };
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
