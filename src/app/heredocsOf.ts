import { heldInstruction, readInstruction, wordPattern } from "#app/dockerfileWords.ts";
import type { Instruction } from "#app/dockerfileWords.ts";
import { invalidLine } from "#app/invalidLine.ts";
import type { LogicalLine } from "#app/logicalLine.ts";

/** A here-document that an instruction begins. */
export interface Heredoc {
  /** The line that ends it. */
  readonly name: string;
  /** Tabs before the name do not matter. */
  readonly chomp: boolean;
}

const WITH_HEREDOC: ReadonlySet<string> = new Set(["ADD", "COPY", "RUN"]);
const WORD = /^\d*<<(-?)([^<]+)$/s;
const NAME = /^(?:[\w.-]+|"[\w. -]+"|'[\w. -]+')$/;
const QUOTED_OR_ESCAPED = /'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]/g;

/**
 * The here-documents of an instruction. What they hold is no instruction, so that a line which a builder could read in another
 * way hides images: INPUT_INVALID for each that is not plain.
 */
export const heredocsOf = (line: LogicalLine, escape: string): readonly Heredoc[] => {
  if (!line.text.includes("<<")) return [];
  const instruction = readInstruction(line, escape);
  const held = instruction.keyword === "ONBUILD" ? heldInstruction(instruction, escape) : instruction;
  if (!WITH_HEREDOC.has(held.keyword) || isJson(held)) return [];
  demandPlain(line, escape);
  return (line.text.match(wordPattern("\\")) ?? []).flatMap((word) => {
    const [, chomp, name = ""] = WORD.exec(word) ?? [];
    if (chomp === undefined) return [];
    if (!NAME.test(name)) throw invalidLine(line.line, "the name of the here-document is not plain");
    return [{ name: name.replace(/["']/g, ""), chomp: chomp === "-" }];
  });
};

/** The form with brackets has no here-documents. */
const isJson = ({ line, rest }: Instruction): boolean => {
  const text = rest.text.trim();
  if (!text.startsWith("[")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Of JSON with something behind it versions make different things.
    if (/^\[\s*"[^]*<</.test(text)) throw invalidLine(line, "it is not JSON throughout, and << stands in it");
    return false;
  }
};

/**
 * BuildKit looks for them with rules of its own (frontend/dockerfile/parser, heredocsFromLine): the escape character is always
 * the backslash, and with an open quote or a variable that it cannot replace there are none.
 */
const demandPlain = ({ line, text }: LogicalLine, escape: string): void => {
  if (escape !== "\\" && /[\\`]/.test(text)) throw invalidLine(line, "<< stands beside an escape character");
  if (/[^\S\t\n\v\f\r ]|\u0085/.test(text)) throw invalidLine(line, "<< stands beside an odd blank");
  const bare = text.replace(QUOTED_OR_ESCAPED, "");
  if (/["'\\]/.test(bare)) throw invalidLine(line, "<< stands beside a quote that is not closed");
  const open = text.replace(QUOTED_OR_ESCAPED, (part) => (part.startsWith('"') ? part.replace(/\\[^]/g, "") : ""));
  if (/\$\{(?!\w+\})/.test(open)) throw invalidLine(line, "<< stands beside a variable that is changed");
};
