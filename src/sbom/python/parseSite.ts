/** A directory of packages in the usual place below an interpreter's prefix. */
export interface PythonSite {
  readonly path: string;
  /** `usr`, `opt/venv`; "" for the root. */
  readonly prefix: string;
  readonly kind: "site" | "dist";
  readonly implementation: "cpython" | "pypy";
  /** `3.11`; `3` for Debian's directory that all minor versions share. */
  readonly version: string;
}

const SITE = /^(?:(.*)\/)?lib(?:32|64)?\/(python|pypy)(\d{1,2}(?:\.\d{1,3})?)\/(site|dist)-packages$/;

export const parseSite = (path: string): PythonSite | undefined => {
  const [match, prefix = "", program, version = "", kind] = SITE.exec(path) ?? [];
  if (match === undefined) return undefined;
  const implementation = program === "pypy" ? "pypy" : "cpython";
  return { path, prefix, kind: kind === "dist" ? "dist" : "site", implementation, version };
};
