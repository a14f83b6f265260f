import { WaybillError } from "#core/errors.ts";

/** One PEM block (RFC 7468). */
export interface PemBlock {
  /** What stands after BEGIN, such as `PRIVATE KEY`. */
  readonly label: string;
  readonly bytes: Buffer;
}

/**
 * Reads the key block of a PEM text; `what` names the source in errors. OpenSSL may put an `EC PARAMETERS` block before the
 * key, which says nothing that the key does not say. KEY_UNREADABLE for anything but exactly one block besides.
 */
export const readPem = (text: string, what: string): PemBlock => {
  const blocks = splitBlocks(text, what).filter(({ label }) => label !== "EC PARAMETERS");
  const [block] = blocks;
  if (block === undefined) throw bad(what, "no PEM block (-----BEGIN ...-----)");
  if (blocks.length > 1) throw bad(what, `${blocks.length} PEM blocks; there must be one key in it`);
  return { label: block.label, bytes: decodeBody(block.body, what) };
};

/** Lines of 64 characters and a final line feed, as Go writes it. */
export const formatPem = (label: string, bytes: Uint8Array): string => {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
};

interface RawBlock {
  readonly label: string;
  readonly body: string;
}

const splitBlocks = (text: string, what: string): readonly RawBlock[] => {
  const begin = /-----BEGIN ([A-Z0-9 ]{1,64})-----/g;
  const blocks: RawBlock[] = [];
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const label = found[1] ?? "";
    const end = text.indexOf(`-----END ${label}-----`, begin.lastIndex);
    if (end < 0) throw bad(what, `the PEM block ${label} has no end`);
    blocks.push({ label, body: text.slice(begin.lastIndex, end) });
    begin.lastIndex = end;
  }
  return blocks;
};

const decodeBody = (body: string, what: string): Buffer => {
  // RFC 1421 headers: OpenSSL's old way to encrypt a key.
  if (/^\s*Proc-Type:/.test(body)) {
    throw new WaybillError("KEY_UNREADABLE", `${what}: encrypted by OpenSSL, which is not supported`, {
      hint: DECRYPT_HINT,
    });
  }
  const base64 = body.replace(/[ \t\r\n]+/g, "");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) throw bad(what, "the PEM block is not base64");
  return bytes;
};

/** What to do with a private key that another program encrypted. */
export const DECRYPT_HINT =
  "Decrypt it, import it, and remove the decrypted file: openssl pkey -in FILE -out PLAIN && waybill import-key-pair --key PLAIN";

const bad = (what: string, reason: string): WaybillError => new WaybillError("KEY_UNREADABLE", `${what}: ${reason}`);
