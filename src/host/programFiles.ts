import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { TarSource } from "#archive/tarSource.ts";
import { WaybillError } from "#core/errors.ts";
import { fileSource } from "#host/tracePath.ts";

/** The program's own files and the packages that they import, as they lie in an image under `app/`. */
export interface ProgramFiles {
  readonly program: readonly TarSource[];
  readonly packages: readonly TarSource[];
}

// Ten times what the program has today; a mistaken root (a home directory) ends here.
const MAX_FILES = 20_000;
const APP = "app";
// Like the launcher: sources where they are, else the build.
const CODE = ["src", "dist"];

/**
 * Collects the installed program below `root`: bin, src without tests (or dist, which inlines its packages), package.json,
 * licence; and every npm package that the sources import, with its own dependencies. Packages that only the work on the
 * program needs stay out. Throws LIMIT_EXCEEDED above 20,000 files.
 */
export const collectProgramFiles = async (root: string): Promise<ProgramFiles> => {
  const code = await findCode(root);
  const files = [...(await listFiles(root, "bin")), ...(await listFiles(root, code))].filter((path) => !isTest(path));
  const singles = ["package.json", "LICENSE"];
  const imported = await findImports(root, files);
  const packages = await closeOverDependencies(root, imported);
  const packageFiles = (await Promise.all(packages.map((name) => listFiles(root, `node_modules/${name}`)))).flat();
  return { program: await toSources(root, [...singles, ...files]), packages: await toSources(root, packageFiles) };
};

const findCode = async (root: string): Promise<string> => {
  for (const name of CODE)
    if ((await stat(join(root, name)).catch(() => undefined))?.isDirectory() === true) return name;
  throw new WaybillError("STORE_FAILED", `${root} holds neither src nor dist`, {
    hint: "Install the program again; its own files are incomplete.",
  });
};

/** Regular files below a folder, as paths with `/` relative to the root; links (npm's .bin) are left out. */
const listFiles = async (root: string, folder: string): Promise<readonly string[]> => {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  if (files.length > MAX_FILES)
    throw new WaybillError("LIMIT_EXCEEDED", `${folder} holds more than ${MAX_FILES} files`);
  return files.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .replaceAll("\\", "/"),
  );
};

const isTest = (path: string): boolean => path.endsWith(".test.ts");

/** Names of the packages that these TypeScript files import when they run; `import type` is gone by then. */
const findImports = async (root: string, files: readonly string[]): Promise<ReadonlySet<string>> => {
  const names = new Set<string>();
  for (const file of files.filter((path) => path.endsWith(".ts"))) {
    const text = await readFile(join(root, file), "utf8");
    for (const name of importedPackages(text)) names.add(name);
  }
  return names;
};

/** Packages named in the import and export declarations and the dynamic imports of a source text. */
export const importedPackages = (text: string): readonly string[] => {
  const declared = text.matchAll(/^(?:import|export)(?! type\b)[^;]*?\bfrom "([^"]+)";$|^import "([^"]+)";$/gm);
  const dynamic = text.matchAll(/\bimport\("([^"]+)"\)/g);
  const specifiers = [...declared, ...dynamic].map((match) => match[1] ?? match[2] ?? "");
  const bare = specifiers.filter((one) => /^[a-z@]/.test(one) && !one.startsWith("node:"));
  return [...new Set(bare.map((one) => one.split("/", one.startsWith("@") ? 2 : 1).join("/")))];
};

const closeOverDependencies = async (root: string, names: ReadonlySet<string>): Promise<readonly string[]> => {
  const seen = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    const manifest = await readFile(join(root, "node_modules", name, "package.json"), "utf8").catch(() => undefined);
    // Below the package that wants it (its files come along anyway), or optional and not installed.
    if (manifest === undefined) continue;
    seen.add(name);
    const { dependencies = {} } = JSON.parse(manifest) as { readonly dependencies?: Readonly<Record<string, string>> };
    waiting.push(...Object.keys(dependencies));
  }
  return [...seen].toSorted();
};

const toSources = async (root: string, paths: readonly string[]): Promise<readonly TarSource[]> => {
  const sources: TarSource[] = [];
  for (const path of paths) {
    const found = await stat(join(root, path)).catch(() => undefined);
    if (found?.isFile() === true) sources.push(fileSource(`${APP}/${path}`, join(root, path), found));
  }
  return sources;
};
