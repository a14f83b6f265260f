import { existsSync, readFileSync } from "node:fs";
import { startProgram } from "./startProgram.ts";
import type { RunningProgram } from "./startProgram.ts";
import type { Workspace } from "./workspace.ts";

/** `waybill serve` as a process of its own. */
export interface ControlPlane extends RunningProgram {
  /** The first operator's; empty where another process made it. */
  readonly token: string;
}

export interface ControlPlaneOptions {
  /** Name of the data directory in the workspace: who starts again with the same one goes on where it was. */
  readonly data: string;
  readonly args?: readonly string[];
  /** `HOST:PORT` where it is to be found again; without it a free port. */
  readonly listen?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it on a free port and without rate limits, and waits until it listens. */
export const startControlPlane = async (
  workspace: Workspace,
  { data, args = [], listen = "127.0.0.1:0", env = {} }: ControlPlaneOptions,
): Promise<ControlPlane> => {
  const tokenFile = workspace.path(`${data}.token`);
  const own = ["--data", workspace.path(data), "--token-file", tokenFile, "--listen", listen];
  const serve = ["serve", ...own, "--metrics-listen", "none", "--rate-limit", "off", ...args];
  const program = await startProgram(workspace, { name: data, args: serve, env });
  return { ...program, token: existsSync(tokenFile) ? readFileSync(tokenFile, "utf8").trim() : "" };
};
