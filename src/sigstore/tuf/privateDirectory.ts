import { lstat, mkdir } from "node:fs/promises";

/**
 * Makes a directory that nobody else can write to, or says why there is none: undefined for a good one. What others could
 * change is not used, whoever made it.
 */
export const makePrivateDirectory = async (path: string): Promise<string | undefined> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const found = await lstat(path);
    if (!found.isDirectory()) return "it is no directory";
    const uid = process.getuid?.();
    if (uid !== undefined && found.uid !== uid) return "it belongs to another user";
    // oxlint-disable-next-line no-bitwise -- the mode's bits for others
    return process.platform !== "win32" && (found.mode & 0o022) !== 0 ? "others can write to it" : undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
};
