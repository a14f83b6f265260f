import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProgram } from "./startProgram.ts";
import type { RunningProgram } from "./startProgram.ts";
import type { Workspace } from "./workspace.ts";

/** `waybill dev-sigstore` as a process of its own. */
export interface DevSigstoreProgram extends RunningProgram {
  /** Of the files that it wrote. */
  readonly file: (name: string) => string;
  /** Path of a fresh token; the query of `/oidc/token`. */
  readonly token: (query: string) => Promise<string>;
  readonly issuer: string;
}

export const startDevSigstoreProgram = async (workspace: Workspace, name: string): Promise<DevSigstoreProgram> => {
  const dir = workspace.path(name);
  const program = await startProgram(workspace, {
    name,
    // It tells every request on stderr.
    args: ["dev-sigstore", "--listen", "127.0.0.1:0", "--dir", dir, "--verbose"],
  });
  const issuer = `${program.url}/oidc`;
  let tokens = 0;
  return {
    ...program,
    issuer,
    file: (path) => join(dir, path),
    token: async (query) => {
      const answer = await fetch(`${issuer}/token?${query}`);
      const path = join(dir, `token-${++tokens}`);
      await writeFile(path, await answer.text());
      return path;
    },
  };
};
