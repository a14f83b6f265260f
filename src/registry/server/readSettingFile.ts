import { open, stat } from "node:fs/promises";
import { WaybillError } from "#core/errors.ts";

const MAX_BYTES = 1024 * 1024;

/** A file that the operator named, at most 1 MiB; CONFIG_INVALID naming it where it cannot be read. */
export const readSettingFile = async (path: string): Promise<string> => {
  try {
    const file = await open(path, "r");
    try {
      const facts = await file.stat();
      // Secrets come as pipes too (process substitution), and those have no size.
      if (facts.size > MAX_BYTES)
        throw new WaybillError("CONFIG_INVALID", `${path}: is larger than ${MAX_BYTES} bytes`);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof WaybillError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    const message = code === "ENOENT" ? `there is no file ${path}` : `${path}: cannot be read (${code})`;
    throw new WaybillError("CONFIG_INVALID", message, { cause });
  }
};

/** Changes whenever one of the files does; a file that is not there counts too. */
export const fileMark = async (paths: readonly string[]): Promise<string> => {
  const marks = await Promise.all(paths.map(markOf));
  return marks.join("\n");
};

const markOf = async (path: string): Promise<string> => {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch {
    return "absent";
  }
};
