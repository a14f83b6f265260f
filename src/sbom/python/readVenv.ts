import { linesOf } from "#sbom/linesOf.ts";

/** What pyvenv.cfg says of a virtual environment (PEP 405). */
export interface Venv {
  /** Directory of the interpreter it was made with, without leading slash. */
  readonly home?: string;
  /** As far as it is stated: `3.11.2`. */
  readonly version?: string;
  readonly hasSystemPackages: boolean;
}

/** Reads pyvenv.cfg: `key = value` lines. venv calls the version `version`, virtualenv and uv `version_info`. */
export const readVenv = (bytes: Uint8Array): Venv => {
  const values = new Map<string, string>();
  for (const line of linesOf(new TextDecoder().decode(bytes))) {
    const equals = line.indexOf("=");
    if (equals > 0 && line.length < 5000)
      values.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
  }
  const [version] =
    /^\d{1,3}\.\d{1,3}(?:\.\d{1,3})?/.exec(values.get("version_info") ?? values.get("version") ?? "") ?? [];
  const home = values.get("home")?.replace(/^\/+|\/+$/g, "");
  return {
    ...(home === undefined ? {} : { home }),
    ...(version === undefined ? {} : { version }),
    hasSystemPackages: values.get("include-system-site-packages")?.toLowerCase() === "true",
  };
};
