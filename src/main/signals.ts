import { constants } from "node:os";
import { WaybillError } from "#core/errors.ts";

type Stop = "SIGINT" | "SIGTERM" | "SIGHUP";

/** How the system asks the program to stop. */
export interface Interruption {
  /** Aborts at the first signal with an ABORTED error. */
  readonly signal: AbortSignal;
  /** Exit code by the convention of shells, 128 and the signal's number, where the run ended because of one. */
  readonly exitCode: (code: number) => number;
}

/** Turns the first SIGINT, SIGTERM or SIGHUP into an abort; the second ends the process at once. */
export const watchSignals = (): Interruption => {
  const controller = new AbortController();
  let received: Stop | undefined;
  const onSignal = (name: Stop): void => {
    if (received !== undefined) {
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      return;
    }
    received = name;
    controller.abort(new WaybillError("ABORTED", `interrupted by ${name}`));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  const aborted = new WaybillError("ABORTED", "").exitCode;
  return {
    signal: controller.signal,
    exitCode: (code) => (received !== undefined && code === aborted ? 128 + constants.signals[received] : code),
  };
};
