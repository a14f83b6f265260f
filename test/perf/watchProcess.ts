import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";

/** What a process cost, by the kernel's word. */
export interface Cost {
  readonly milliseconds: number;
  /** VmHWM: the most memory that was resident at once. */
  readonly peakMiB: number;
  /** Bytes given to write() in excess of stdout's: those of any file, on whatever file system, are among them. */
  readonly writtenBytes: number;
}

// The high-water mark and the counter only grow, so what is missed is what happens within the last interval.
const INTERVAL_MS = 10;

/** Runs a program that must succeed, its stdout into a file that we write, and reads /proc while it runs. */
export const watchProcess = async (
  program: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly output: string },
): Promise<Cost> => {
  const start = performance.now();
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...options.env },
  });
  let peakMiB = 0;
  let writtenBytes = 0;
  const look = async (): Promise<void> => {
    const [status, io] = await Promise.all([readProc(child.pid, "status"), readProc(child.pid, "io")]);
    peakMiB = Math.max(peakMiB, numberAfter(status, "VmHWM:") / 1024);
    writtenBytes = Math.max(writtenBytes, numberAfter(io, "wchar:"));
  };
  const timer = setInterval(() => void look(), INTERVAL_MS);
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [code, complaint] = await Promise.all([
    ended,
    text(child.stderr),
    pipeline(child.stdout, createWriteStream(options.output)),
  ]).finally(() => clearInterval(timer));
  if (code !== 0) fail(`${program} ${args.join(" ")} ended with ${code}:\n${complaint}`);
  const milliseconds = performance.now() - start;
  return { milliseconds, peakMiB, writtenBytes: Math.max(0, writtenBytes - (await stat(options.output)).size) };
};

const readProc = (pid: number | undefined, name: string): Promise<string> =>
  readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");

const numberAfter = (content: string, label: string): number => {
  const at = content.indexOf(label);
  return at === -1 ? 0 : Number.parseInt(content.slice(at + label.length), 10);
};
