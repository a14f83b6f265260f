/** Fields of a handmade header; everything that a well-behaved writer would not write can be written. */
export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly flag?: string;
  readonly link?: string;
  readonly body?: string | Uint8Array;
  /** The size field as written; the body's length otherwise. */
  readonly size?: string | Uint8Array;
  readonly mode?: number;
  readonly magic?: string;
  readonly prefix?: string;
  /** Added to the checksum. */
  readonly wrongBy?: number;
  /** Bytes put over the header before it is summed. */
  readonly patch?: (block: Buffer) => void;
}

/** One header and its padded body. */
export const tarEntry = (entry: RawEntry): Buffer => {
  const body = Buffer.from(entry.body ?? "");
  const block = Buffer.alloc(512);
  block.set(Buffer.from(entry.name), 0);
  block.write((entry.mode ?? 0o644).toString(8).padStart(7, "0"), 100, "latin1");
  block.set(Buffer.from(entry.size ?? body.length.toString(8).padStart(11, "0")), 124);
  block.write(entry.flag ?? "0", 156, "latin1");
  block.write(entry.link ?? "", 157);
  block.write(entry.magic ?? "ustar\u000000", 257, "latin1");
  block.write(entry.prefix ?? "", 345);
  entry.patch?.(block);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, entry.wrongBy ?? 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
};

/** Entries and the end of the archive. */
export const tarArchive = (...entries: readonly (RawEntry | Buffer)[]): Buffer =>
  Buffer.concat([...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : tarEntry(entry))), Buffer.alloc(1024)]);

/** `LENGTH KEY=VALUE\n` records. */
export const paxBody = (records: Readonly<Record<string, string | Uint8Array>>): Buffer =>
  Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, Buffer.from(value))));

const paxRecord = (key: string, value: Buffer): Buffer => {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
};
