import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";

/** Stdin as far as a password needs it; `setRawMode` is there when it is a terminal. */
export interface PasswordInput {
  readonly isTTY?: boolean;
  readonly setRawMode?: (raw: boolean) => unknown;
  readonly on: (event: "data" | "end" | "error", listener: (chunk: Buffer) => void) => unknown;
  readonly off: (event: "data" | "end" | "error", listener: (chunk: Buffer) => void) => unknown;
  readonly resume: () => unknown;
  readonly pause: () => unknown;
  readonly unshift: (chunk: Buffer) => unknown;
  readonly readableEnded?: boolean;
}

export interface PasswordDeps {
  readonly readEnv: (name: string) => string | undefined;
  readonly readFile: (
    ctx: Ctx,
    path: string,
    limit: { readonly cap: number; readonly what: string },
  ) => Promise<Uint8Array>;
  readonly input: PasswordInput;
  /** Stderr: where a prompt is seen even when stdout is a file. */
  readonly output: { readonly write: (text: string) => unknown };
  /** What `--password-file` names. */
  readonly file: string | undefined;
}

// Cosign's variable counts when it is set at all: an empty password is a password.
const VARIABLES = ["WAYBILL_PASSWORD", "COSIGN_PASSWORD"];
const MAX_BYTES = 4096;
// Cosign's words: scripts that wait for them keep working.
const PROMPT = "Enter password for private key: ";
const PROMPT_AGAIN = "Enter password for private key again: ";

const ENTER = 0x0d;
const LINE_FEED = 0x0a;
const INTERRUPT = 0x03;
const END_OF_INPUT = 0x04;
const BACKSPACE = 0x08;
const KILL_LINE = 0x15;
const DELETE = 0x7f;

/**
 * The password of a key, as bytes: from `--password-file` (one final line break is not part of it), else the variables, else
 * typed without echo, else one line of stdin. A `new` key's password is typed twice.
 */
export const readPassword = async (ctx: Ctx, purpose: "open" | "new", deps: PasswordDeps): Promise<Uint8Array> => {
  if (deps.file !== undefined) return readPasswordFile(ctx, deps.file, deps);
  const variable = findPasswordVariable(deps.readEnv);
  if (variable !== undefined) return Buffer.from(deps.readEnv(variable) ?? "");
  if (deps.input.isTTY !== true) return readLine(ctx, deps.input);
  const typed = await promptHidden(ctx, PROMPT, deps);
  if (purpose === "open") return typed;
  if (typed.equals(await promptHidden(ctx, PROMPT_AGAIN, deps))) return typed;
  throw new WaybillError("USAGE_INVALID", "the two passwords are not the same; nothing was written");
};

/** The variable that gives the password of a key, if one does. */
export const findPasswordVariable = (readEnv: PasswordDeps["readEnv"]): string | undefined =>
  VARIABLES.find((name) => readEnv(name) !== undefined);

/** A secret that is typed without echo; undefined where stdin is no terminal, or where nothing was typed before its end. */
export const askHidden = async (
  ctx: Ctx,
  prompt: string,
  terminal: Pick<PasswordDeps, "input" | "output">,
): Promise<Uint8Array | undefined> => {
  if (terminal.input.isTTY !== true) return undefined;
  try {
    return await promptHidden(ctx, prompt, terminal);
  } catch (error) {
    if (hasCode(error, "KEY_UNREADABLE")) return undefined;
    throw error;
  }
};

const readPasswordFile = async (ctx: Ctx, path: string, deps: PasswordDeps): Promise<Uint8Array> => {
  const bytes = await deps.readFile(ctx, path, { cap: MAX_BYTES, what: "the password file" });
  const end = bytes.at(-1) === LINE_FEED ? (bytes.at(-2) === ENTER ? -2 : -1) : bytes.length;
  return bytes.subarray(0, end);
};

const readLine = (ctx: Ctx, input: PasswordInput): Promise<Buffer> => {
  const line: number[] = [];
  return listen(ctx, input, (byte) => {
    if (byte === undefined && line.length === 0) throw noPassword();
    if (byte !== undefined && byte !== LINE_FEED) {
      push(line, byte);
      return undefined;
    }
    return Buffer.from(line.at(-1) === ENTER ? line.slice(0, -1) : line);
  });
};

const promptHidden = async (
  ctx: Ctx,
  prompt: string,
  { input, output }: Pick<PasswordDeps, "input" | "output">,
): Promise<Buffer> => {
  const line: number[] = [];
  input.setRawMode?.(true);
  output.write(prompt);
  try {
    return await listen(ctx, input, (byte) => edit(line, byte));
  } finally {
    input.setRawMode?.(false);
    output.write("\n");
  }
};

/** A raw terminal leaves the editing of the line to whoever reads it. */
const edit = (line: number[], byte: number | undefined): Buffer | undefined => {
  if (byte === ENTER || byte === LINE_FEED) return Buffer.from(line);
  if (byte === INTERRUPT) throw new WaybillError("ABORTED", "interrupted");
  if (byte === undefined || byte === END_OF_INPUT) {
    if (line.length === 0) throw noPassword();
    return Buffer.from(line);
  }
  if (byte === KILL_LINE) line.length = 0;
  else if (byte === BACKSPACE || byte === DELETE) eraseCharacter(line);
  else if (byte >= 0x20) push(line, byte);
  return undefined;
};

/** Bytes 10xxxxxx continue a UTF-8 character. */
const eraseCharacter = (line: number[]): void => {
  while (((line.pop() ?? 0) & 0xc0) === 0x80);
};

const push = (line: number[], byte: number): void => {
  if (line.length >= MAX_BYTES)
    throw new WaybillError("LIMIT_EXCEEDED", `the password is longer than ${MAX_BYTES} bytes`);
  line.push(byte);
};

const noPassword = (): WaybillError =>
  new WaybillError("KEY_UNREADABLE", "the key needs a password, and stdin gave none", {
    hint: "Set COSIGN_PASSWORD (it may be empty), or give --password-file.",
  });

/** Hands bytes (undefined: no more will come) to `take` until it returns a value; what follows stays in the stream. */
const listen = (
  ctx: Ctx,
  input: PasswordInput,
  take: (byte: number | undefined) => Buffer | undefined,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.off("error", onError);
      ctx.signal.removeEventListener("abort", onAbort);
      input.pause();
      then();
    };
    const step = (byte: number | undefined): boolean => {
      try {
        const done = take(byte);
        if (done !== undefined) settle(() => resolve(done));
        return done !== undefined;
      } catch (error) {
        settle(() => reject(error as WaybillError));
        return true;
      }
    };
    const onData = (chunk: Buffer): void => {
      const last = chunk.findIndex((byte) => step(byte));
      if (last >= 0 && last + 1 < chunk.length) input.unshift(chunk.subarray(last + 1));
    };
    const onEnd = (): void => void step(undefined);
    const onError = (): void => settle(() => reject(noPassword()));
    const onAbort = (): void => settle(() => reject(ctx.signal.reason as WaybillError));
    if (ctx.signal.aborted) return onAbort();
    if (input.readableEnded === true) return onEnd();
    ctx.signal.addEventListener("abort", onAbort, { once: true });
    input.on("data", onData);
    input.on("end", onEnd);
    input.on("error", onError);
    input.resume();
    return undefined;
  });
