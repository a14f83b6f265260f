import { join } from "node:path";
import { run, succeeded } from "./run.ts";
import type { Outcome, RunOptions } from "./run.ts";

const LAUNCHER = join(import.meta.dirname, "../../bin/waybill.js");

/** Arguments and environment that start the built program under the Node that runs the tests. */
export const waybillCommand = (args: readonly string[]): readonly [program: string, args: readonly string[]] => [
  process.execPath,
  [LAUNCHER, ...args],
];

export const WAYBILL_ENV = { WAYBILL_FROM: "dist" } as const;

/** Runs the built program to its end. */
export const waybill = (args: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
  const [program, all] = waybillCommand(args);
  return run(program, all, { ...options, env: { ...options.env, ...WAYBILL_ENV } });
};

/** Runs the built program, which must say yes. */
export const waybillDone = async (args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
  succeeded(await waybill(args, options));
