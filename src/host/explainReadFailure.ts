import { WaybillError } from "#core/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "is a directory",
  EACCES: "may not be read (permission denied)",
  ELOOP: "is a circle of symbolic links",
  ENAMETOOLONG: "is too long a name",
  ENOTDIR: "leads through something that is not a directory",
};

/** What the system says about a file of the user's, as NOT_FOUND or INPUT_INVALID; anything else as it was thrown. */
export const explainReadFailure = (cause: unknown, path: string, what: string): unknown => {
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (cause instanceof WaybillError || !code.startsWith("E")) return cause;
  if (code === "ENOENT") {
    return new WaybillError("NOT_FOUND", `${what}: there is no file ${path}`, { cause, hint: "Check the path." });
  }
  return new WaybillError("INPUT_INVALID", `${what}: ${path} ${REASONS[code] ?? `cannot be read (${code})`}`, {
    cause,
  });
};
