import { WaybillError } from "#core/errors.ts";
import { linesOf } from "#sbom/linesOf.ts";
import { readIntegrity } from "#sbom/npm/readIntegrity.ts";

/** What a package manager remembers of packages, by `name@version`. */
export type Memories = ReadonlyMap<string, Memory>;

export interface Memory {
  /** SHA-512 of the package's archive, in hex. */
  readonly sha512: string | undefined;
  /** Where the archive came from, without credentials and query. */
  readonly resolved: string | undefined;
  readonly dev: boolean;
}

const MAX_ENTRIES = 500_000;
// `  '@scope/name@1.2.3(peer@4.0.0)':` since version 9, `  /@scope/name@1.2.3:` in 6, `  /@scope/name/1.2.3_peer@4.0.0:` in 5.
const KEY = /^ {2}'?\/?((?:@[^/'\s]{1,214}\/)?[^@/'\s]{1,214})[@/](\d[0-9A-Za-z.+-]{0,127})(?:[(_][^\s']{0,2000})?'?:$/;
const RESOLUTION = /^ {4}resolution: \{(?:[^}]{0,200}, )?integrity: ([^,}\s]{1,200})/;

/**
 * Reads pnpm's node_modules/.pnpm/lock.yaml, the lock file of what is installed (versions 5 to 9): of its section `packages`
 * the integrity, and `dev` where it says so (before 9). pnpm writes one form of YAML, and only that is read: what looks otherwise is
 * passed over. LIMIT_EXCEEDED beyond 500 000 packages.
 */
export const readPnpmLock = (bytes: Uint8Array): Memories => {
  const memories = new Map<string, Memory>();
  let isInside = false;
  let key: string | undefined;
  for (const line of linesOf(new TextDecoder().decode(bytes))) {
    if (/^\S/.test(line)) isInside = line === "packages:";
    if (!isInside || line.length > 4000) continue;
    const [, name, version] = KEY.exec(line) ?? [];
    if (name !== undefined) key = `${name}@${version}`;
    else if (/^ {2}\S/.test(line)) key = undefined;
    if (key === undefined) continue;
    const known = memories.get(key) ?? { sha512: undefined, resolved: undefined, dev: false };
    const [, integrity] = RESOLUTION.exec(line) ?? [];
    if (integrity !== undefined) memories.set(key, { ...known, sha512: readIntegrity(integrity) });
    else if (line === "    dev: true") memories.set(key, { ...known, dev: true });
    if (memories.size > MAX_ENTRIES)
      throw new WaybillError("LIMIT_EXCEEDED", `pnpm lock file of more than ${MAX_ENTRIES} packages`);
  }
  return memories;
};
