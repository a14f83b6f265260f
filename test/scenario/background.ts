import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 and the signal's number where a signal ended it, as shells have it. */
  readonly exit: number;
}

/** A process started by a scenario, while it runs. */
export interface Started {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
}

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15, SIGPIPE: 13 };

/** Starts a shell command; its process is a group of its own, so that whatever it started ends with it. */
export const startProcess = (command: string, { cwd, env }: Place): Started => {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const stdout = (): string => Buffer.concat(out).toString();
  const stderr = (): string => Buffer.concat(err).toString();
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve({ stdout: stdout(), stderr: stderr(), exit: code ?? 128 + (SIGNALS[signal ?? ""] ?? 0) });
    });
  });
  return { child, stdout, stderr, ended };
};

/** Ends a process and all that it started. */
export const killGroup = ({ child }: Started, signal: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
};
