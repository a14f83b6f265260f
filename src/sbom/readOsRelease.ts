import type { Distro } from "#sbom/package.ts";

// os-release(5): "a lower-case string (mostly [a-z0-9._-])"; anything else would be text of an attacker in every purl.
const ID = /^[a-z0-9._-]{1,64}$/;
const VERSION = /^[A-Za-z0-9._/+~-]{1,64}$/;
const LINE = /^[ \t]*([A-Z][A-Z0-9_]*)=(.*)$/;

/** Reads os-release(5): shell-like assignments. Undefined when it names no usable ID. */
export const readOsRelease = (bytes: Uint8Array): Distro | undefined => {
  const fields = new Map<string, string>();
  for (const line of new TextDecoder().decode(bytes).split(/\r?\n/)) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, unquote(value.trim()));
  }
  const id = fields.get("ID")?.toLowerCase();
  if (id === undefined || !ID.test(id)) return undefined;
  return {
    id,
    // Rolling distributions have a BUILD_ID where others have a VERSION_ID.
    versionId: version(fields.get("VERSION_ID")) ?? version(fields.get("BUILD_ID")),
    prettyName: printable(fields.get("PRETTY_NAME")),
    idLike: (fields.get("ID_LIKE") ?? "")
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => ID.test(word)),
  };
};

const version = (text: string | undefined): string | undefined =>
  text !== undefined && VERSION.test(text) ? text : undefined;

const printable = (text: string | undefined): string | undefined => {
  const plain = text?.replace(/\p{Cc}/gu, "").slice(0, 256);
  return plain === "" ? undefined : plain;
};

const unquote = (value: string): string => {
  const quote = value[0];
  if (quote === "'") return value.slice(1, value.endsWith("'") && value.length > 1 ? -1 : undefined);
  const inner = quote === '"' ? value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined) : value;
  return inner.replace(/\\([\\"$`'])/g, "$1");
};
