import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkLayoutMarker } from "#archive/ociLayout.ts";
import { WaybillError } from "#core/errors.ts";
import { onDisk } from "#registry/layout/onDisk.ts";
import { readRegularFile } from "#registry/layout/regularFile.ts";

/** The bytes of `oci-layout`, undefined where there is no layout. */
export const readMarker = (root: string): Promise<Uint8Array | undefined> =>
  readRegularFile(join(root, "oci-layout"), 4096);

/** Refuses clearly what is no layout: NOT_FOUND, INPUT_INVALID. With `create` only what must not be made into one. */
export const checkLayout = async (root: string, create: boolean): Promise<void> => {
  const found = await stat(root).catch(() => undefined);
  if (found?.isFile() === true) {
    throw new WaybillError("INPUT_INVALID", `${root}: is a file, not the directory of an OCI layout`, {
      hint: "Unpack an archived layout first: mkdir DIR && tar -xf FILE -C DIR, then write oci:DIR.",
    });
  }
  const marker = found === undefined ? undefined : await readMarker(root);
  if (marker !== undefined) return checkLayoutMarker(marker, join(root, "oci-layout"));
  if (!create) {
    throw new WaybillError("NOT_FOUND", `${root}: there is no OCI layout here`, {
      hint: "A layout is a directory that holds oci-layout, index.json and blobs/.",
    });
  }
  if (found !== undefined && !(await isFree(root))) {
    // Between the two looks another process may have finished making it.
    if ((await readMarker(root)) !== undefined) return checkLayout(root, create);
    throw new WaybillError("INPUT_INVALID", `${root}: the directory holds other things and no OCI layout`, {
      hint: "Name an empty directory, or one that does not exist yet.",
    });
  }
};

/** Held by whoever changes the layout, and by whoever makes one. */
export const LAYOUT_LOCK = ".waybill-lock";
const HALF_MADE: ReadonlySet<string> = new Set(["index.json", "blobs"]);

/** Nothing of others is there: empty, or a layout that another process is making, or was when it was killed. */
const isFree = async (root: string): Promise<boolean> => {
  const names = await onDisk(root, () => readdir(root));
  const half = names.includes(LAYOUT_LOCK) ? HALF_MADE : new Set<string>();
  return names.every((name) => name.startsWith(".") || half.has(name));
};
