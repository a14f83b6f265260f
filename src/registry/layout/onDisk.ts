import { WaybillError } from "#core/errors.ts";

/** Runs a file operation; its failure becomes STORE_FAILED naming the path and the system's word for it. */
export const onDisk = async <T>(path: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof WaybillError) throw cause;
    throw new WaybillError("STORE_FAILED", `${path}: ${(cause as NodeJS.ErrnoException).code ?? "failed"}`, { cause });
  }
};
