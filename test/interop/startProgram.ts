import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Workspace } from "./workspace.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/main.js");
const START_MS = 20_000;

/** The built program as a server of its own. */
export interface RunningProgram extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Everything it said on both streams. */
  readonly said: () => string;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

export interface ProgramOptions {
  /** What it is, for messages and the name of its log. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

let starts = 0;

/** Starts the built program, without the launcher between it and its signals, and waits until it says that it listens. */
export const startProgram = async (
  workspace: Workspace,
  { name, args, env = {} }: ProgramOptions,
): Promise<RunningProgram> => {
  const log = workspace.path(`${name}-${++starts}.log`);
  const output = openSync(log, "w");
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["ignore", output, output],
    env: { PATH: process.env["PATH"], ...workspace.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const said = (): string => readFileSync(log, "utf8");
  const stop = async (signal: "SIGTERM" | "SIGKILL"): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  const died = ended.then(() => fail(`${name} ended before it listened:\n${said()}`));
  const url = await Promise.race([waitForUrl(name, said), died]);
  died.catch(() => undefined);
  return {
    url,
    pid: child.pid ?? fail("no process"),
    said,
    kill: async () => void (await stop("SIGKILL")),
    stop: () => stop("SIGTERM"),
    [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")),
  };
};

const waitForUrl = async (name: string, said: () => string): Promise<string> => {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const url = /^listening on (https?:\S+)$/m.exec(said())?.[1];
    if (url !== undefined) return url;
    await sleep(10);
  }
  return fail(`${name} does not listen:\n${said()}`);
};
