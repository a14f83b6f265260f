import { lstat, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formatLayoutIndex, LAYOUT_MARKER } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { isDigest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { onDisk } from "#registry/layout/onDisk.ts";

// Less than this is fetched again sooner than anybody has asked what the directory is for.
const MIN_KEPT_BYTES = 1024 * 1024;

/** A name beside an archive that `ls` does not show. */
export const besideArchive = (file: string, ending: string): string =>
  join(dirname(file), `.${basename(file)}${ending}`);

/**
 * Makes the layout in which an archive's next content is collected. Only one writer comes here at a time, so what lies here is
 * of one that was cut off: its blobs stay and spare us their transfer; what it had listed is not taken over. STORE_FAILED for
 * what is not a directory of this user's: in a shared one somebody else may have put it there.
 */
export const prepareStaging = async (staging: string, index: LayoutIndex): Promise<void> =>
  onDisk(staging, async () => {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    if (!(await isOurs(staging))) throw foreign(staging);
    await keepBlobs(staging);
    await writeFile(join(staging, "index.json"), formatLayoutIndex(index));
    await writeFile(join(staging, "oci-layout"), LAYOUT_MARKER);
  });

/** Removes the work; `keep` leaves its whole blobs to the next run where that is worth its while. How many bytes stay. */
export const endStaging = async (staging: string, blobs: "keep" | "remove"): Promise<number> =>
  onDisk(staging, async () => {
    if (!(await isOurs(staging))) return 0;
    const bytes = blobs === "keep" ? await keepBlobs(staging) : 0;
    if (bytes >= MIN_KEPT_BYTES) return bytes;
    await rm(staging, { recursive: true, force: true });
    return 0;
  });

const isOurs = async (path: string): Promise<boolean> => {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid());
};

/** Removes all but the files `blobs/ALG/HEX`, which came into being whole; how many bytes they have. */
const keepBlobs = async (staging: string): Promise<number> => {
  let bytes = 0;
  await removeOthers(staging, (name) => name === "blobs");
  const blobs = join(staging, "blobs");
  const algorithms = await removeOthers(blobs, (name) => name === "sha256" || name === "sha512");
  for (const algorithm of algorithms) {
    const folder = join(blobs, algorithm);
    const kept = await removeOthers(folder, (name) => isDigest(`${algorithm}:${name}`));
    for (const name of kept) bytes += (await lstat(join(folder, name))).size;
  }
  return bytes;
};

/** What stays in a directory; a link in its place goes as a whole. */
const removeOthers = async (folder: string, stays: (name: string) => boolean): Promise<readonly string[]> => {
  if (!(await isOurs(folder))) {
    await rm(folder, { recursive: true, force: true });
    return [];
  }
  const names = await readdir(folder);
  for (const name of names.filter((one) => !stays(one))) await rm(join(folder, name), { recursive: true, force: true });
  return names.filter(stays);
};

const foreign = (staging: string): WaybillError =>
  new WaybillError("STORE_FAILED", `${staging}: is no directory of this user's`, {
    hint: "The archive's next content is collected there; remove it, or let its owner run this.",
  });
