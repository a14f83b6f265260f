/**
 * At most `length` characters of a text that a stranger chose, to be kept and shown: controls go, NUL above all, which
 * PostgreSQL cannot hold, and halves of characters, which no UTF-8 can.
 */
export const cleanText = (text: string, length: number): string =>
  text
    .slice(0, length)
    .replace(/\p{Cc}/gu, "\uFFFD")
    .toWellFormed();
