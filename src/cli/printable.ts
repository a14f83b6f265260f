// Controls (C0, DEL, C1), line separators and the format characters, which turn reading direction or are not seen at all:
// with them a registry or a paper could draw over our words on the terminal, or pass for another name (attack 36).
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text of unknown origin made harmless for one line of a terminal: unsafe characters as `\u{hex}`, line feeds and tabs too,
 * since a line of somebody else's would pass for one of ours.
 */
export const printable = (text: string): string => printableLines(text).replace(/[\n\t]/g, escape);

/** The same where several lines are expected; line feeds and tabs stay. */
export const printableLines = (text: string): string => text.replace(UNSAFE, escape);

const escape = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
