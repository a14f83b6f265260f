import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";

/** How a program ended, with everything it said. */
export interface Outcome {
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** Runs a program to its end in the given environment alone; killed after a minute if nothing else is said. */
export const run = (program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"], ...options.env },
      timeout: options.timeoutMs ?? 60_000,
      killSignal: "SIGKILL",
      stdio: "pipe",
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => undefined).end(options.input ?? "");
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const said = signal === null ? "" : `\n(ended by ${signal})`;
      resolve({
        command: [program, ...args].join(" "),
        code: code ?? 255,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8") + said,
      });
    });
  });

/** The stdout of a program that must succeed; fails the test with everything it said otherwise. */
export const succeed = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<string> =>
  succeeded(await run(program, args, options)).stdout;

/** Fails the test with everything the program said unless it ended with 0. */
export const succeeded = (outcome: Outcome): Outcome =>
  outcome.code === 0 ? outcome : fail(`exit ${outcome.code}: ${outcome.command}\n${outcome.stdout}\n${outcome.stderr}`);
