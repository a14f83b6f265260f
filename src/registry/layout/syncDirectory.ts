import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { onDisk } from "#registry/layout/onDisk.ts";
import { shareNext } from "#registry/layout/shareNext.ts";

/** Makes the names that are in a directory now survive a power cut; many writers of one directory share the work. */
export const syncDirectory = shareNext((path) =>
  onDisk(path, async () => {
    const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }),
);
