import { spawn } from "node:child_process";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

export interface HelperLimits {
  /** Milliseconds until the helper is killed. */
  readonly deadlineMs: number;
  /** Bytes on its stdout. */
  readonly maxBytes: number;
}

// Long enough for somebody to type a passphrase.
const LIMITS: HelperLimits = { deadlineMs: 60_000, maxBytes: 256 * 1024 };

/**
 * Runs `docker-credential-NAME VERB` from the PATH without a shell, `input` on its stdin. stderr is not read. CONFIG_INVALID
 * naming the helper when it is not there, prints too much or does not end; nothing that it prints is in a message.
 */
export const runCredentialHelper = (
  ctx: Ctx,
  helper: string,
  verb: "get" | "store" | "erase",
  input: string,
  limits: HelperLimits = LIMITS,
): Promise<{ readonly exit: number; readonly stdout: Uint8Array }> =>
  new Promise((resolve, reject) => {
    ctx.signal.throwIfAborted();
    const program = `docker-credential-${helper}`;
    const child = spawn(program, [verb], { stdio: ["pipe", "pipe", "ignore"], windowsHide: true });
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (then: () => void): void => {
      clearTimeout(timer);
      ctx.signal.removeEventListener("abort", onAbort);
      then();
    };
    // What the helper itself started may hold its stdout open; nobody waits for that.
    const kill = (error: unknown): void =>
      finish(() => {
        child.kill("SIGKILL");
        child.stdout.destroy();
        reject(error as WaybillError);
      });
    const onAbort = (): void => kill(ctx.signal.reason);
    const timer = setTimeout(
      () => kill(broken(program, `did not end within ${limits.deadlineMs / 1000} s`)),
      limits.deadlineMs,
    );
    ctx.signal.addEventListener("abort", onAbort, { once: true });
    child.on("error", (cause: NodeJS.ErrnoException) => kill(notStarted(program, cause)));
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > limits.maxBytes) kill(broken(program, `printed more than ${limits.maxBytes} bytes`));
      else chunks.push(chunk);
    });
    child.on("close", (exit) => finish(() => resolve({ exit: exit ?? -1, stdout: Buffer.concat(chunks) })));
    // A helper that ends without reading says so with its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });

const notStarted = (program: string, cause: NodeJS.ErrnoException): WaybillError =>
  new WaybillError(
    "CONFIG_INVALID",
    `${program} ${cause.code === "ENOENT" ? "is not on the PATH" : `cannot be started (${cause.code ?? "failed"})`}`,
    { cause, hint: "Install the credential helper, or take its name out of credsStore and credHelpers." },
  );

const broken = (program: string, what: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${program} ${what}`, {
    hint: "Run the credential helper by hand; it may be waiting for an answer.",
  });
