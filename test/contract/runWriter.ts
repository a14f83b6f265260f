import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a writer is to be hindered. */
export interface WriterLimits {
  /** Killed once it has said so many lines. */
  readonly killAfter?: number;
  /** No file of its may grow beyond that, as on a full disk. */
  readonly fileKiB?: number;
}

export interface WriterOutcome {
  /** Null where it was killed. */
  readonly code: number | null;
  /** The whole lines of stdout: what it had acknowledged. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs the writer at a file URL as a process of its own, to its end. */
export const runWriter = (
  url: string,
  args: readonly string[],
  { killAfter = Infinity, fileKiB }: WriterLimits = {},
): Promise<WriterOutcome> =>
  new Promise((resolve, reject) => {
    const own = [process.execPath, fileURLToPath(url), ...args] as const;
    const limited = ["bash", "-c", `trap "" XFSZ; ulimit -f ${fileKiB}; exec "$0" "$@"`, ...own] as const;
    const [program, ...rest] = fileKiB === undefined ? own : limited;
    const writer = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
    let [printed, stderr] = ["", ""];
    // What stands after the last line end may be cut off.
    const lines = (): readonly string[] => printed.split("\n").slice(0, -1);
    writer.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (lines().length >= killAfter) writer.kill("SIGKILL");
    });
    writer.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    writer.on("error", reject);
    writer.on("close", (code) => resolve({ code, lines: lines(), stderr }));
  });
