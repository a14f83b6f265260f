import { isUtf8 } from "node:buffer";

/** A name inside an archive, made safe. */
export interface EntryName {
  /** As `TarEntry.path`. */
  readonly path: string;
  /** True when `..` tried to leave the root. */
  readonly escaped: boolean;
}

// Nothing to do for nearly every name: no empty, `.` or `..` part and no slash at either end.
const ODD = /^\/|\/$|^\.{1,2}(?:\/|$)|\/\.{0,2}(?:\/|$)/;

/**
 * Resolves `.`, `..` and repeated slashes by their text alone, as runtimes do before they touch the disk; what would leave
 * the root is clamped to it and said so (sbom.md 4.4).
 */
export const normaliseName = (name: string): EntryName => {
  if (!ODD.test(name)) return { path: name, escaped: false };
  const parts: string[] = [];
  let escaped = false;
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) escaped = true;
  }
  return { path: parts.join("/"), escaped };
};

// An escape as it is written below, or the escaped backslash itself.
const LIKE_AN_ESCAPE = /\\x(?=[89A-F][0-9A-F]|5C)/g;

/**
 * A name's bytes as text. Tar names are bytes: in those that are not UTF-8 each byte beyond ASCII becomes `\xHH`, so that
 * the text is printable and two names never become one (a literal `\xHH` gets its backslash escaped).
 */
export const decodeName = (bytes: Uint8Array): string => {
  if (bytes.byteLength === 0) return "";
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return keepLiteral(buffer.toString("utf8"));
  return keepLiteral(buffer.toString("latin1")).replaceAll(/[\u0080-\u00ff]/g, (byte) => `\\x${hex(byte)}`);
};

const keepLiteral = (text: string): string => (text.includes("\\x") ? text.replaceAll(LIKE_AN_ESCAPE, "\\x5Cx") : text);

const hex = (byte: string): string => byte.charCodeAt(0).toString(16).toUpperCase();
