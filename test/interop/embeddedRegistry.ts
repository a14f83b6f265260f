import { startProgram } from "./startProgram.ts";
import type { RunningProgram } from "./startProgram.ts";
import type { Workspace } from "./workspace.ts";

/** `waybill registry serve` as a process of its own. */
export interface EmbeddedRegistry extends RunningProgram {
  /** `HOST:PORT` */
  readonly host: string;
}

export interface EmbeddedOptions {
  readonly dir: string;
  /** A free port where nothing is said. */
  readonly port?: number;
  readonly args?: readonly string[];
}

/** Starts it on loopback and waits until it listens. */
export const startEmbeddedRegistry = async (
  workspace: Workspace,
  { dir, port = 0, args = [] }: EmbeddedOptions,
): Promise<EmbeddedRegistry> => {
  const serve = ["registry", "serve", "--dir", dir, "--listen", `127.0.0.1:${port}`, ...args];
  const program = await startProgram(workspace, { name: "registry", args: serve });
  return { ...program, host: new URL(program.url).host };
};
