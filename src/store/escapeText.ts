const MARK = "\u{10FFFD}";
const UNKEEPABLE = /[\0\u{10FFFD}\p{Surrogate}]/gu;
const ESCAPED = /\u{10FFFD}([0-9a-f]{4})/gu;
const MARK_CODE = "fffd";

/**
 * A text as every database keeps it. Half a surrogate pair has no UTF-8 (SQLite would keep U+FFFD, and the audit chain break) and
 * PostgreSQL keeps no NUL: both become a rare character and four hex digits, and so does that character itself.
 */
export const escapeText = (text: string): string =>
  isPlain(text)
    ? text
    : text.replace(UNKEEPABLE, (char) => {
        const code = char === MARK ? MARK_CODE : char.charCodeAt(0).toString(16).padStart(4, "0");
        return `${MARK}${code}`;
      });

/** The text that `escapeText` was given. */
export const unescapeText = (text: string): string =>
  text.includes(MARK)
    ? text.replace(ESCAPED, (_, code: string) =>
        code === MARK_CODE ? MARK : String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;

const isPlain = (text: string): boolean => text.isWellFormed() && !text.includes("\0") && !text.includes(MARK);
