import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Workspace } from "./workspace.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/main.js");
const START_MS = 20_000;

/** `waybill serve` as a process of its own. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  /** The first operator's; empty where another process made it. */
  readonly token: string;
  readonly pid: number;
  /** Everything it said on both streams. */
  readonly said: () => string;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

export interface ControlPlaneOptions {
  /** Name of the data directory in the workspace: who starts again with the same one goes on where it was. */
  readonly data: string;
  readonly args?: readonly string[];
  /** `HOST:PORT` where it is to be found again; without it a free port. */
  readonly listen?: string;
  readonly env?: Readonly<Record<string, string>>;
}

let starts = 0;

/**
 * Starts the built program, without the launcher between it and its signals, on a free port and without rate limits, and
 * waits until it listens.
 */
export const startControlPlane = async (
  workspace: Workspace,
  { data, args = [], listen = "127.0.0.1:0", env = {} }: ControlPlaneOptions,
): Promise<ControlPlane> => {
  const log = workspace.path(`${data}-${++starts}.log`);
  const output = openSync(log, "w");
  const tokenFile = workspace.path(`${data}.token`);
  const all = ["--data", workspace.path(data), "--token-file", tokenFile, "--listen", listen];
  const child = spawn(
    process.execPath,
    [PROGRAM, "serve", ...all, "--metrics-listen", "none", "--rate-limit", "off", ...args],
    { stdio: ["ignore", output, output], env: { PATH: process.env["PATH"], ...workspace.env, ...env } },
  );
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const said = (): string => readFileSync(log, "utf8");
  const stop = async (signal: "SIGTERM" | "SIGKILL"): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  const died = ended.then(() => fail(`the control plane ended before it listened:\n${said()}`));
  const url = await Promise.race([waitForUrl(said), died]);
  died.catch(() => undefined);
  return {
    url,
    token: existsSync(tokenFile) ? readFileSync(tokenFile, "utf8").trim() : "",
    pid: child.pid ?? fail("no process"),
    said,
    kill: async () => void (await stop("SIGKILL")),
    stop: () => stop("SIGTERM"),
    [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")),
  };
};

const waitForUrl = async (said: () => string): Promise<string> => {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const url = /^listening on (http:\S+)$/m.exec(said())?.[1];
    if (url !== undefined) return url;
    await sleep(20);
  }
  return fail(`the control plane does not listen:\n${said()}`);
};
