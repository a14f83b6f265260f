// Controls (C0, DEL, C1), line separators and the characters that turn reading direction: with them a registry or a paper
// could draw over our words on the terminal (attack 36).
// oxlint-disable-next-line no-control-regex -- these are the characters meant
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text of unknown origin made harmless for one line of a terminal: unsafe characters as `\u{hex}`, line feeds and tabs too,
 * since a line of somebody else's would pass for one of ours.
 */
export const printable = (text: string): string => printableLines(text).replace(/[\n\t]/g, escape);

/** The same where several lines are expected; line feeds and tabs stay. */
export const printableLines = (text: string): string => text.replace(UNSAFE, escape);

const escape = (character: string): string => `\\u{${character.charCodeAt(0).toString(16)}}`;
