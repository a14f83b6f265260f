/**
 * The lines of a text, without their line feeds. No split: a database of nothing but line feeds would become an array of
 * tens of millions.
 */
export function* linesOf(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end < 0 ? text.length : end);
    if (end < 0) return;
    start = end + 1;
  }
}
