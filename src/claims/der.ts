/** One value of DER (X.690 section 8.1): its identifier octet and what it holds. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

export const DER = { octetString: 0x04, utf8String: 0x0c, generalizedTime: 0x18, sequence: 0x30 } as const;

/** The tag of a constructed, context-specific member, as in `[3] EXPLICIT`. */
export const derMember = (number: number): number => 0xa0 | number;

/**
 * The values that stand one after another in `bytes`; undefined where they are not whole. Enough to look something up in a
 * certificate or a timestamp for people to read: what counts as evidence needs a stricter reader.
 */
export const readDer = (bytes: Uint8Array): readonly DerValue[] | undefined => {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const header = readHeader(bytes, at);
    if (header === undefined || header.end > bytes.byteLength) return undefined;
    values.push({ tag: header.tag, content: bytes.subarray(header.start, header.end) });
    at = header.end;
  }
  return values;
};

/** What the value at `index` holds, given that it has the tag and holds values itself. */
export const derWithin = (
  values: readonly DerValue[] | undefined,
  index: number,
  tag: number,
): readonly DerValue[] | undefined => {
  const value = values?.[index];
  return value?.tag === tag ? readDer(value.content) : undefined;
};

// Lengths of up to 2^24: no certificate and no timestamp is larger.
const MAX_LENGTH_BYTES = 3;

const readHeader = (bytes: Uint8Array, at: number) => {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  // Tags of more than one octet do not occur in what is read here.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > MAX_LENGTH_BYTES || at + 2 + count > bytes.byteLength) return undefined;
  const length = Buffer.from(bytes.subarray(at + 2, at + 2 + count)).readUIntBE(0, count);
  return { tag, start: at + 2 + count, end: at + 2 + count + length };
};
