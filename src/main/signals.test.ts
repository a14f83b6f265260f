import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const module = fileURLToPath(new URL("signals.ts", import.meta.url));

// Tells when it is ready and when it is aborted; ends itself only where the first argument says so.
const PROGRAM = `
const { watchSignals } = await import(process.argv[2]);
const { signal, exitCode } = watchSignals();
const alive = setInterval(() => undefined, 1000);
signal.addEventListener("abort", () => {
  console.log(signal.reason.code, signal.reason.message);
  if (process.argv[1] !== "ends") return;
  clearInterval(alive);
  process.exitCode = exitCode(Number(process.argv[3]));
});
console.log("ready");
`;

/** Sends the signals, each after the line that the one before it gave. */
const interrupt = (manner: "ends" | "stays", signals: readonly NodeJS.Signals[], code = 130) =>
  new Promise<{ out: string; end: number | string | null }>((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, manner, module, String(code)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    const left = [...signals];
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const next = left.shift();
      if (next !== undefined) child.kill(next);
    });
    child.once("close", (exit, signal) => resolve({ out, end: exit ?? signal }));
  });

describe("watchSignals", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("turns %s into an abort that ends with %i", async (signal, code) => {
    const { out, end } = await interrupt("ends", [signal]);
    expect([out, end]).toEqual([`ready\nABORTED interrupted by ${signal}\n`, code]);
  });

  it("leaves the exit code of a run that ended by itself", async () => {
    expect((await interrupt("ends", ["SIGTERM"], 0)).end).toBe(0);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends the process at the second %s", async (signal) => {
    expect((await interrupt("stays", [signal, signal])).end).toBe(signal);
  });
});
