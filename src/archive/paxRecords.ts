import { WaybillError } from "#core/errors.ts";

/** What a PAX extended header says about the next entry; absent fields are undefined. */
export interface PaxRecords {
  readonly path: Uint8Array | undefined;
  readonly linkPath: Uint8Array | undefined;
  readonly size: number | undefined;
  /** Values of the `GNU.sparse.*` records, without that prefix. */
  readonly sparse: ReadonlyMap<string, string>;
  /** `GNU.sparse.offset` and `.numbytes` of format 0.0, in their order. */
  readonly sparsePairs: readonly number[];
}

const SPACE = 0x20;
const NEWLINE = 0x0a;

/**
 * Reads `LENGTH KEY=VALUE\n` records (POSIX.1-2017 pax, "pax Extended Header"); a later record of a key wins, an empty value
 * takes the key back. Throws IMAGE_REFUSED for lengths that lie and numbers that are none.
 */
export const readPaxRecords = (bytes: Uint8Array, where: string): PaxRecords => {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<string, Uint8Array>();
  const sparse = new Map<string, string>();
  const sparsePairs: number[] = [];
  for (let at = 0; at < body.length;) {
    const record = readRecord(body, at, where);
    at = record.end;
    if (record.key === "GNU.sparse.offset" || record.key === "GNU.sparse.numbytes")
      sparsePairs.push(readDecimal(record.value.toString("latin1"), where));
    else if (record.key.startsWith("GNU.sparse.")) sparse.set(record.key.slice(11), record.value.toString("latin1"));
    else if (record.value.length === 0) values.delete(record.key);
    else if (record.key === "path" || record.key === "linkpath" || record.key === "size")
      values.set(record.key, record.value);
  }
  const size = values.get("size");
  return {
    path: cutAtNul(sparse.has("name") ? Buffer.from(sparse.get("name") ?? "", "latin1") : values.get("path")),
    linkPath: cutAtNul(values.get("linkpath")),
    size: size === undefined ? undefined : readDecimal(Buffer.from(size).toString("latin1"), where),
    sparse,
    sparsePairs,
  };
};

interface PaxRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly end: number;
}

const readRecord = (body: Buffer, at: number, where: string): PaxRecord => {
  const space = body.indexOf(SPACE, at);
  // A record has at most as many bytes as the header, which is capped: eight digits do.
  const digits = space === -1 ? "" : body.toString("latin1", at, Math.min(space, at + 9));
  const end = /^[0-9]{1,8}$/.test(digits) ? at + Number(digits) : -1;
  const equals = body.indexOf("=", space + 1, "latin1");
  if (end > body.length || equals === -1 || equals === space + 1 || equals >= end || body[end - 1] !== NEWLINE)
    throw new WaybillError("IMAGE_REFUSED", `${where}: a PAX header has a record that is malformed`);
  return { key: body.toString("utf8", space + 1, equals), value: body.subarray(equals + 1, end - 1), end };
};

/** A decimal number of bytes; throws IMAGE_REFUSED for anything else. */
export const readDecimal = (text: string, where: string): number => {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new WaybillError("IMAGE_REFUSED", `${where}: a PAX header has a number that is none`);
  return value;
};

const cutAtNul = (value: Uint8Array | undefined): Uint8Array | undefined => {
  const nul = value?.indexOf(0) ?? -1;
  return nul === -1 ? value : value?.subarray(0, nul);
};
