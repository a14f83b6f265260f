import type { WriteStream } from "node:tty";
import type { Output, Terminal } from "#cli/terminal.ts";
import { WaybillError } from "#core/errors.ts";

/** The process' own terminal. */
export const processTerminal = (): Terminal => ({
  env: process.env,
  stdout: openOutput(process.stdout, "stdout"),
  stderr: openOutput(process.stderr, "stderr"),
  readStdin: () => process.stdin,
});

const openOutput = (stream: WriteStream, name: string): Output => {
  // Each failed write is told to its own callback; the event would end the process.
  stream.on("error", () => undefined);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => {
          const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
          // A reader that has seen enough (`| head`) is no failure; nor can it be told that stderr is gone.
          if (error === null || error === undefined || code === "EPIPE" || name === "stderr") resolve();
          else
            reject(
              new WaybillError("STORE_FAILED", `${name} cannot be written (${code ?? error.message})`, {
                cause: error,
              }),
            );
        });
      }),
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns ?? 80,
  };
};
