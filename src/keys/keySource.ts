import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";

/** Where the text of a key comes from. */
export type KeySource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "https"; readonly url: URL };

/** What reading a key needs from outside. */
export interface KeyReader {
  /** Whole file up to `cap` bytes; LIMIT_EXCEEDED beyond, NOT_FOUND or INPUT_INVALID when it cannot be read. */
  readonly readFile: (
    ctx: Ctx,
    path: string,
    limit: { readonly cap: number; readonly what: string },
  ) => Promise<Uint8Array>;
  readonly readEnv: (name: string) => string | undefined;
}

/** The most that a key may be, wherever it comes from; the largest honest one has 4 KB. */
export const MAX_KEY_BYTES = 64 * 1024;

/** Reads a KEY of the command line (cosign.md 4.5). CONFIG_INVALID names the scheme where it is not one of ours. */
export const parseKeySource = (reference: string): KeySource => {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(reference)?.[1]?.toLowerCase();
  if (scheme === undefined && !reference.startsWith("pkcs11:")) return parsePath(reference);
  if (scheme === "env") return parseVariable(reference.slice("env://".length));
  if (scheme === "https") return parseUrl(reference);
  if (scheme === "http") {
    throw new WaybillError("CONFIG_INVALID", "a key over http:// could be exchanged on its way", {
      hint: "Use https://.",
    });
  }
  throw new WaybillError("CONFIG_INVALID", `keys of ${scheme ?? "pkcs11"}: are not supported in this version`, {
    hint: "Give a file, env://VARIABLE or, for public keys, https://.",
  });
};

const parsePath = (path: string): KeySource => {
  if (path === "" || path.includes("\0"))
    throw new WaybillError("CONFIG_INVALID", "the name of the key is empty or not a path");
  return { kind: "file", path };
};

const parseVariable = (name: string): KeySource => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new WaybillError("CONFIG_INVALID", "env:// must be followed by the name of an environment variable", {
      hint: "For example env://COSIGN_PRIVATE_KEY: the variable's value is the PEM text.",
    });
  }
  return { kind: "env", name };
};

// The address is not repeated in messages: what is wrong with it may be the password in it.
const parseUrl = (reference: string): KeySource => {
  const url = URL.parse(reference);
  if (url === null) throw new WaybillError("CONFIG_INVALID", "the address of the key is not a URL");
  if (url.username !== "" || url.password !== "") {
    throw new WaybillError("CONFIG_INVALID", "the address of the key holds a user name or a password", {
      hint: "A public key needs none; leave them out.",
    });
  }
  return { kind: "https", url };
};

/** How messages call a source. The query of a URL may hold a token. */
export const nameSource = (source: KeySource): string => {
  if (source.kind === "file") return source.path;
  return source.kind === "env" ? `env://${source.name}` : `${source.url.origin}${source.url.pathname}`;
};

/** The text of a key in a file or a variable; KEY_UNREADABLE when it cannot be had. */
export const readKeyText = async (
  ctx: Ctx,
  source: Exclude<KeySource, { readonly kind: "https" }>,
  reader: KeyReader,
): Promise<string> => {
  ctx.signal.throwIfAborted();
  const name = nameSource(source);
  if (source.kind === "env") {
    const value = reader.readEnv(source.name);
    if (value === undefined) throw new WaybillError("KEY_UNREADABLE", `${name}: the variable is not set`);
    if (value.length > MAX_KEY_BYTES)
      throw new WaybillError("LIMIT_EXCEEDED", `${name} is larger than ${MAX_KEY_BYTES} bytes`);
    return value;
  }
  try {
    // Every PEM is ASCII; whatever else the file holds must only not be changed into it.
    const bytes = await reader.readFile(ctx, source.path, { cap: MAX_KEY_BYTES, what: "the key" });
    return Buffer.from(bytes).toString("latin1");
  } catch (cause) {
    if (!hasCode(cause, "NOT_FOUND", "INPUT_INVALID")) throw cause;
    throw new WaybillError("KEY_UNREADABLE", cause.message, { cause });
  }
};
