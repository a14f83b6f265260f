import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import { demandDescribed, readFileDescription } from "#sigstore/tuf/fileDescription.ts";
import type { FileDescription } from "#sigstore/tuf/fileDescription.ts";
import { getFile } from "#sigstore/tuf/getFile.ts";
import type { TufSet } from "#sigstore/tuf/tufSet.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

/** What the metadata says of a target. */
export interface TufTarget extends FileDescription {
  readonly name: string;
  readonly length: number;
}

// Sigstore's largest is a tenth of this.
const MAX_TARGET_BYTES = 8 * 1024 * 1024;
// Names are ours, and become a path all the same (CVE-2026-24137, CVE-2026-24686).
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/**
 * Finds a target by its name; undefined where there is none. Delegated roles are not asked: whoever trusts a mirror with the
 * roots of everything has its own targets role say them. TRUST_INVALID without a length and a hash that is known here.
 */
export const findTufTarget = (set: TufSet, name: string): TufTarget | undefined => {
  if (!PLAIN_NAME.test(name))
    throw new WaybillError("INPUT_INVALID", `${JSON.stringify(name.slice(0, 80))} is no name of a target`);
  const value = Object.hasOwn(set.targets.targets, name) ? set.targets.targets[name] : undefined;
  if (value === undefined) return undefined;
  const what = `the target ${name} in ${set.targets.what}`;
  const { length, hashes } = readFileDescription(value, what);
  if (length === undefined || hashes.size === 0) throw badMetadata(what, "has no length and hash to check it by");
  if (length > MAX_TARGET_BYTES)
    throw new WaybillError("LIMIT_EXCEEDED", `${what} has ${length} bytes, the limit is ${MAX_TARGET_BYTES}`);
  return { name, length, hashes };
};

/** Gets a target from a mirror, and looks whether it is the one (TUF 1.0, section 5.7). TRUST_INVALID where it is not. */
export const fetchTufTarget = async (
  ctx: Ctx,
  source: TufSource,
  target: TufTarget,
  consistentSnapshot: boolean,
): Promise<Uint8Array> => {
  for (const path of targetPaths(target, consistentSnapshot)) {
    const bytes = await getFile(ctx, source, path, target.length);
    if (bytes === undefined) continue;
    demandDescribed(bytes, target, `${path} of ${source.name}`);
    return bytes;
  }
  throw badMetadata(source.name, `has no ${target.name}, which its metadata names`);
};

/** A mirror names the file by any one of the hashes. */
const targetPaths = ({ name, hashes }: TufTarget, consistentSnapshot: boolean): readonly string[] => {
  if (!consistentSnapshot) return [`targets/${name}`];
  const slash = name.lastIndexOf("/") + 1;
  return [...hashes.values()].map((hash) => `targets/${name.slice(0, slash)}${hash}.${name.slice(slash)}`);
};
