import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";

/**
 * A target as tuf-js gets it out of the files of a repository, started from its first root; undefined where there is none, and
 * an error where tuf-js refuses. It looks at the clock of this machine.
 */
export const readWithTufJs = async (
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
): Promise<string | undefined> => {
  const dir = await mkdtemp(join(tmpdir(), "waybill-tuf-"));
  try {
    await writeFile(join(dir, "root.json"), files.get("1.root.json") ?? "");
    const updater = openUpdater(files, dir);
    await updater.refresh();
    const target = await updater.getTargetInfo(name);
    return target === undefined
      ? undefined
      : await readFile(await updater.downloadTarget(target, join(dir, "got")), "utf8");
  } finally {
    await rm(dir, { recursive: true });
  }
};

const openUpdater = (files: ReadonlyMap<string, Uint8Array>, dir: string): Updater => {
  const downloadBytes = async (url: string): Promise<Buffer> => {
    const found = files.get(url.replace("memory:/", ""));
    // Nothing else tells it that there is no newer root.
    if (found === undefined) throw new DownloadHTTPError("not there", 404);
    return Buffer.from(found);
  };
  return new Updater({
    metadataDir: dir,
    metadataBaseUrl: "memory:",
    targetBaseUrl: "memory:/targets",
    targetDir: dir,
    fetcher: {
      downloadBytes,
      downloadFile: async (url, _most, handle) => {
        const path = join(dir, "download");
        await writeFile(path, await downloadBytes(url));
        return handle(path);
      },
    },
  });
};
