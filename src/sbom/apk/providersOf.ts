import { dependencyNames } from "#sbom/apk/dependencyNames.ts";
import type { ApkRecord } from "#sbom/apk/readInstalled.ts";

/** An installed package and the id it has in the document. */
export interface InstalledApk {
  readonly id: string;
  readonly record: ApkRecord;
}

/** Which packages answer to a name: their own, or one they provide (`so:libc.musl-x86_64.so.1`, `cmd:sh`, `/bin/sh`). */
export const providersOf = (installed: readonly InstalledApk[]): ReadonlyMap<string, readonly string[]> => {
  const providers = new Map<string, string[]>();
  for (const { id, record } of installed) {
    for (const name of new Set([record.name, ...dependencyNames(record.provides)])) {
      const known = providers.get(name);
      if (known === undefined) providers.set(name, [id]);
      else known.push(id);
    }
  }
  return providers;
};
