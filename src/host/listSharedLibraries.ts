import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Ctx } from "#core/ctx.ts";

const DEADLINE_MS = 10_000;

/**
 * Absolute paths of the dynamic loader and of all shared libraries that the running Node needs, as `ldd` tells them; where
 * there is no `ldd`, as the process itself knows them. Empty for a static program and off Linux.
 */
export const listSharedLibraries = async (ctx: Ctx): Promise<readonly string[]> => {
  if (process.platform !== "linux") return [];
  try {
    // ldd starts the program under its loader to ask it: only ever the program that runs already.
    const { stdout } = await promisify(execFile)("ldd", [process.execPath], {
      signal: ctx.signal,
      timeout: DEADLINE_MS,
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    });
    return parseLdd(stdout);
  } catch {
    ctx.signal.throwIfAborted();
    return loadedObjects();
  }
};

/** The paths in glibc's and musl's output: `name => PATH (0x...)`, and the loader as `PATH (0x...)`. The vDSO has none. */
export const parseLdd = (text: string): readonly string[] => {
  const paths = text.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/gm);
  return [...new Set(Array.from(paths, (match) => match[1] ?? ""))];
};

/** The shared objects mapped into this process. */
export const loadedObjects = (): readonly string[] => {
  // Else the report resolves the names of all open connections, which can take seconds.
  const reporter = process.report as typeof process.report & { excludeNetwork: boolean };
  reporter.excludeNetwork = true;
  const report = reporter.getReport() as { readonly sharedObjects?: readonly string[] };
  return (report.sharedObjects ?? []).filter((path) => path.startsWith("/"));
};
