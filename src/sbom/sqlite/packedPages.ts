const NUMBER = 4;

/** Some pages of a database, each behind its number, in pieces. */
export const packPages = (pages: ReadonlyMap<number, Buffer>): readonly Buffer[] => {
  const parts: Buffer[] = [];
  for (const [number, page] of pages) {
    const head = Buffer.alloc(NUMBER);
    head.writeUInt32BE(number);
    parts.push(head, page);
  }
  return parts;
};

export const unpackPages = (packed: Buffer, pageSize: number): ReadonlyMap<number, Buffer> => {
  const pages = new Map<number, Buffer>();
  for (let at = 0; at + NUMBER + pageSize <= packed.length; at += NUMBER + pageSize)
    pages.set(packed.readUInt32BE(at), packed.subarray(at + NUMBER, at + NUMBER + pageSize));
  return pages;
};
