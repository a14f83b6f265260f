import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, succeed } from "./run.ts";
import type { Workspace } from "./workspace.ts";

/** What a specification file says besides name and version. */
export interface RpmSpec {
  readonly name: string;
  readonly version: string;
  readonly release?: string;
  readonly license?: string;
  /** Further lines of the preamble. */
  readonly lines?: readonly string[];
  readonly files?: readonly string[];
}

/** Builds packages with rpmbuild and answers with their files. */
export const buildPackages = async (workspace: Workspace, specs: readonly RpmSpec[]): Promise<readonly string[]> => {
  const top = workspace.path("rpmbuild");
  mkdirSync(top, { recursive: true });
  for (const spec of specs) {
    const file = join(top, `${spec.name}-${spec.version}.spec`);
    writeFileSync(file, textOf(spec));
    const defines = ["--define", `_topdir ${top}`, "--define", "_build_id_links none"];
    await succeed("rpmbuild", ["--quiet", "-bb", ...defines, file], { env: workspace.env });
  }
  const folder = join(top, "RPMS", "noarch");
  return specs.map(({ name, version, release = "1" }) => join(folder, `${name}-${version}-${release}.noarch.rpm`));
};

const textOf = ({ name, version, release = "1", license = "MIT", lines = [], files = [] }: RpmSpec): string =>
  [
    `Name: ${name}\nVersion: ${version}\nRelease: ${release}\nLicense: ${license}\nSummary: test package ${name}`,
    "BuildArch: noarch\nURL: https://example.com/\nVendor: Example",
    ...lines,
    "%description\nA test.\n%install",
    ...files.map((path) => `mkdir -p %{buildroot}$(dirname ${path}); echo ${name} > %{buildroot}${path}`),
    "%files",
    ...files,
    "",
  ].join("\n");

/** One database, asked by rpm itself. */
export interface RpmDatabase {
  /** Puts packages into it without unpacking them. */
  readonly install: (files: readonly string[]) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** A line for each package that is no key, by `--queryformat`. */
  readonly query: (format: string) => Promise<readonly string[]>;
  /** The same for each element of the lists that the format names. */
  readonly queryEach: (format: string) => Promise<readonly string[]>;
  /** What provides a name or owns a path, as `name-[epoch:]version-release.arch`. */
  readonly whatProvides: (capability: string) => Promise<readonly string[]>;
  /** Its files by name, for an image. */
  readonly files: () => Readonly<Record<string, Buffer>>;
}

export const PACKAGE = "%{NAME}-%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}";

export const openRpmDatabase = (path: string, env: Readonly<Record<string, string>>): RpmDatabase => {
  const rpm = (...args: readonly string[]): Promise<string> => succeed("rpm", ["--dbpath", path, ...args], { env });
  const query = async (format: string): Promise<readonly string[]> =>
    (await rpm("-qa", "--queryformat", format))
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("gpg-pubkey\t"))
      .map((line) => line.slice(line.indexOf("\t") + 1))
      .sort();
  return {
    install: async (files) => void (await rpm("-i", "--justdb", "--nodeps", "--ignorearch", "--force", ...files)),
    remove: async (name) => void (await rpm("-e", "--justdb", "--nodeps", name)),
    query: (format) => query(`%{NAME}\\t${format}\\n`),
    queryEach: (format) => query(`[%{=NAME}\\t${format}\\n]`),
    whatProvides: async (capability) => {
      const asked = await run("rpm", ["--dbpath", path, "-q", "--qf", `${PACKAGE}\\n`, "--whatprovides", capability], {
        env,
      });
      return asked.code === 0 ? asked.stdout.split("\n").filter((line) => line !== "") : [];
    },
    files: () =>
      Object.fromEntries(
        readdirSync(path)
          .filter((name) => name.startsWith("rpmdb.sqlite") && !name.endsWith("-shm"))
          .map((name) => [name, readFileSync(join(path, name))]),
      ),
  };
};
