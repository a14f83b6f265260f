import { WaybillError } from "#core/errors.ts";

/** Values of variables by name; undefined for one that is declared without a value. */
export type WordValues = (name: string) => string | undefined;

interface Cursor {
  readonly word: string;
  readonly escape: string;
  readonly values: WordValues;
  at: number;
  depth: number;
}

const MAX_DEPTH = 20;

/**
 * A word of a Dockerfile without quotes and escapes, variables replaced (docs.docker.com/reference/dockerfile, "Environment
 * replacement"). INPUT_INVALID where a variable has no value, or is written in a way that is not understood here.
 */
export const expandWord = (word: string, values: WordValues, escape: string): string =>
  readUntil({ word, escape, values, at: 0, depth: 0 }, undefined);

const readUntil = (cursor: Cursor, end: "}" | '"' | undefined): string => {
  let text = "";
  for (; cursor.at < cursor.word.length;) {
    const one = cursor.word.charAt(cursor.at);
    if (one === end) break;
    cursor.at++;
    if (one === cursor.escape) text += cursor.word.charAt(cursor.at++);
    else if (one === "$") text += readVariable(cursor);
    else if (one === '"' && end !== '"') text += readQuoted(cursor);
    else if (one === "'" && end !== '"') text += readLiteral(cursor);
    else text += one;
  }
  if (end !== undefined && cursor.at >= cursor.word.length) throw unknown(`${JSON.stringify(end)} is missing`);
  return text;
};

const readQuoted = (cursor: Cursor): string => {
  const text = readUntil(cursor, '"');
  cursor.at++;
  return text;
};

const readLiteral = (cursor: Cursor): string => {
  const end = cursor.word.indexOf("'", cursor.at);
  if (end === -1) throw unknown("a quote is missing");
  const text = cursor.word.slice(cursor.at, end);
  cursor.at = end + 1;
  return text;
};

const readName = (cursor: Cursor): string => {
  const [name = ""] = /^[A-Za-z_][A-Za-z0-9_]*/.exec(cursor.word.slice(cursor.at)) ?? [];
  if (name === "") throw unknown("what follows the $ is no variable");
  cursor.at += name.length;
  return name;
};

const readVariable = (cursor: Cursor): string => {
  if (cursor.word.charAt(cursor.at) !== "{") return known(cursor, readName(cursor));
  cursor.at++;
  const name = readName(cursor);
  const [operator = ""] = /^:?[-+?]/.exec(cursor.word.slice(cursor.at)) ?? [];
  if (operator === "" && cursor.word.charAt(cursor.at) !== "}") {
    throw unknown(`how ${name} is changed is not understood here`);
  }
  if (++cursor.depth > MAX_DEPTH) throw unknown("variables are nested too deeply");
  cursor.at += operator.length;
  const value = cursor.values(name);
  const isSet = operator.startsWith(":") ? (value ?? "") !== "" : value !== undefined;
  const isUsed = operator.endsWith("+") ? isSet : operator.endsWith("-") && !isSet;
  const other = isUsed ? readUntil(cursor, "}") : passOver(cursor);
  cursor.at++;
  cursor.depth--;
  if (operator.endsWith("?") && !isSet) throw unknown(`${name} has no value`, giveValue(name));
  return operator.endsWith("+") || isUsed ? other : known(cursor, name);
};

/** A word that is not used is read to find its end; what it lacks does not matter. */
const passOver = (cursor: Cursor): "" => {
  const inner = { ...cursor, values: () => "" };
  readUntil(inner, "}");
  cursor.at = inner.at;
  return "";
};

const known = ({ values }: Cursor, name: string): string => {
  const value = values(name);
  if (value === undefined) throw unknown(`${name} has no value`, giveValue(name));
  return value;
};

const giveValue = (name: string): string => `Give it one with --build-arg ${name}=VALUE.`;

const unknown = (
  reason: string,
  hint = "Name the image without variables, or with ones that have a value.",
): WaybillError => new WaybillError("INPUT_INVALID", reason, { hint });
