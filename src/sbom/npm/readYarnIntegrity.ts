import { isJsonFields, readJsonObject } from "#sbom/readJsonObject.ts";
import type { Memories, Memory } from "#sbom/npm/readPnpmLock.ts";
import { publicUrl } from "#sbom/publicUrl.ts";

// `https://registry/@scope/name/-/name-1.2.3.tgz`: the version is in the file's name, after the package's.
const ARCHIVE = /\/-\/([^/]{1,400})\.tgz$/;

/**
 * Reads node_modules/.yarn-integrity of Yarn 1: `lockfileEntries` say for each `name@range` from where its archive came. Entries
 * whose address does not tell the version are passed over. INPUT_INVALID for what is no JSON object.
 */
export const readYarnIntegrity = (bytes: Uint8Array): Memories => {
  const entries = readJsonObject(bytes, ".yarn-integrity")["lockfileEntries"];
  const memories = new Map<string, Memory>();
  for (const [pattern, address] of isJsonFields(entries) ? Object.entries(entries) : []) {
    const name = pattern.slice(0, pattern.indexOf("@", 1));
    const resolved = publicUrl(address);
    const file = ARCHIVE.exec(resolved ?? "")?.[1] ?? "";
    const base = `${name.slice(name.indexOf("/") + 1)}-`;
    if (file.startsWith(base))
      memories.set(`${name}@${file.slice(base.length)}`, { sha512: undefined, resolved, dev: false });
  }
  return memories;
};
