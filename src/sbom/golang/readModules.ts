/** A module as Go's build information names it. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** `h1:` and a hash over the module's files (golang.org/x/mod/sumdb/dirhash), where it came from a proxy. */
  readonly sum: string | undefined;
  /** What was built in its place. */
  readonly replacement: GoModule | undefined;
}

export interface GoModules {
  /** Path of the main package. */
  readonly path: string | undefined;
  readonly main: GoModule | undefined;
  readonly dependencies: readonly GoModule[];
  /** Build settings: `-ldflags`, `GOOS`, `vcs.revision`, ... */
  readonly settings: ReadonlyMap<string, string>;
  /** Lines that name a module by what cannot be one. */
  readonly refused: number;
}

const PATH = /^[A-Za-z0-9._~/+!@$-]{1,500}$/;
const VERSION = /^[A-Za-z0-9._~+()/-]{0,200}$/;
const MAX_MODULES = 20_000;

/** Reads the module text of a program: lines of fields between tabs (runtime/debug, ParseBuildInfo). */
export const readModules = (text: string): GoModules => {
  const settings = new Map<string, string>();
  const modules: { readonly kind: string; readonly module: GoModule | undefined }[] = [];
  let path: string | undefined;
  for (const line of text.split("\n")) {
    const [kind = "", first = "", ...rest] = line.split("\t");
    if (kind === "path") path = first;
    else if (kind === "build") addSetting(settings, [first, ...rest].join("\t"));
    else if (kind === "=>") replaceLast(modules, readModule(first, rest, true));
    else if ((kind === "mod" || kind === "dep") && modules.length < MAX_MODULES) {
      modules.push({ kind, module: readModule(first, rest, false) });
    }
  }
  const usable = modules.flatMap(({ kind, module }) => (module === undefined ? [] : [{ kind, module }]));
  return {
    path: path !== undefined && PATH.test(path) ? path : undefined,
    main: usable.find(({ kind }) => kind === "mod")?.module,
    dependencies: usable.filter(({ kind }) => kind === "dep").map(({ module }) => module),
    settings,
    refused: modules.length - usable.length,
  };
};

type Entry = { readonly kind: string; readonly module: GoModule | undefined };

const replaceLast = (modules: Entry[], replacement: GoModule | undefined): void => {
  const last = modules.pop();
  if (last === undefined) return;
  // A replacement that cannot be read leaves nothing to be sure of.
  const module = last.module && replacement && { ...last.module, replacement };
  modules.push({ kind: last.kind, module });
};

const readModule = (
  path: string,
  [version = "", sum]: readonly string[],
  isReplacement: boolean,
): GoModule | undefined => {
  // A replacement may be a directory, with any characters; its name goes no further.
  if (!VERSION.test(version) || (!PATH.test(path) && !isReplacement)) return undefined;
  return {
    path,
    version,
    sum: sum?.startsWith("h1:") === true ? sum.slice(0, 100) : undefined,
    replacement: undefined,
  };
};

// `key=value`, either of them quoted as a Go string where it has blanks or quotes.
const addSetting = (settings: Map<string, string>, text: string): void => {
  const [, quotedKey, plainKey, value = ""] = /^(?:("(?:[^"\\]|\\.)*")|([^=]*))=(.*)$/.exec(text) ?? [];
  const key = quotedKey === undefined ? plainKey : unquote(quotedKey);
  if (key !== undefined && key !== "") settings.set(key, unquote(value));
};

const unquote = (text: string): string => {
  if (text.startsWith("`") && text.endsWith("`") && text.length > 1) return text.slice(1, -1);
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
};
