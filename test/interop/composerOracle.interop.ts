import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { succeed } from "./run.ts";
import { scanDirectories } from "./scanDirectories.ts";
import { openWorkspace } from "./workspace.ts";

// Composer installs packages from directories, and says itself what is there and what needs what.

const workspace = openWorkspace();
afterAll(() => workspace[Symbol.dispose]());

const PACKAGES = [
  {
    name: "acme/app-kit",
    version: "v1.2.0",
    license: ["MIT", "GPL-3.0-or-later"],
    require: { php: ">=7", "acme/log-api": "*", "acme/http": "^2" },
  },
  { name: "acme/http", version: "2.1.3", license: "BSD-3-Clause", require: { "ext-json": "*", "acme/old-name": "*" } },
  {
    name: "acme/logger",
    version: "3.0.0-beta2",
    provide: { "acme/log-api": "1.0" },
    authors: [{ name: "A. Uthor", email: "a@example.com" }],
  },
  { name: "acme/new-name", version: "1.0.0", replace: { "acme/old-name": "self.version" }, type: "metapackage" },
  { name: "acme/test-kit", version: "dev-main", require: { "acme/logger": "*" } },
];

const write = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(value));
};

interface Shown {
  readonly installed: readonly { readonly name: string; readonly version: string }[];
}

describe("packages that Composer installed", async () => {
  const at = (...names: readonly string[]): string => workspace.path("php", ...names);
  const repositories = PACKAGES.map((one) => {
    const url = at("repositories", one.name);
    write(`${url}/composer.json`, one);
    // Composer does not install a metapackage from a directory.
    if (one.type === "metapackage") return { type: "package", package: one };
    return { type: "path", url, options: { symlink: false } };
  });
  write(at("project", "composer.json"), {
    name: "acme/project",
    repositories: [...repositories, { "packagist.org": false }],
    require: { "acme/app-kit": "*", "acme/logger": "*", "acme/new-name": "*" },
    "require-dev": { "acme/test-kit": "*" },
    "minimum-stability": "dev",
  });
  const env = {
    ...workspace.env,
    COMPOSER_HOME: at("home"),
    COMPOSER_ALLOW_SUPERUSER: "1",
    COMPOSER_ROOT_VERSION: "1.0",
  };
  const composer = (...args: readonly string[]): Promise<string> =>
    succeed("composer", ["--no-interaction", "--no-ansi", ...args], { env, cwd: at("project") });
  await composer("install", "--quiet");
  const found = await scanDirectories([at("project")]);
  const packages = found.packages.filter(({ type }) => type === "composer");
  const names = new Map(packages.map(({ id, namespace, name }) => [id, `${namespace}/${name}`]));

  it("are all found, with the versions that it shows", async () => {
    const { installed } = JSON.parse(await composer("show", "--format=json")) as Shown;
    expect(packages.map(({ id, version }) => `${names.get(id)} ${version}`)).toEqual(
      installed.map(({ name, version }) => `${name} ${version.replace(/^dev-main .*/, "dev-main")}`).toSorted(),
    );
    expect(packages).toHaveLength(PACKAGES.length);
    const dev = packages.filter(({ properties }) => properties?.["dev"] === "true");
    expect(dev.map(({ name }) => name)).toEqual(["test-kit"]);
  });

  it("need what it says that they need", async () => {
    const edges = found.edges.map(({ from, to }) => `${names.get(from)} ${names.get(to)}`);
    const truth = new Set<string>();
    for (const { name, provide = {}, replace = {} } of PACKAGES)
      for (const wanted of [name, ...Object.keys(provide), ...Object.keys(replace)]) {
        // One after the other: each starts PHP.
        // oxlint-disable-next-line no-await-in-loop
        const lines = (await composer("why", wanted)).split("\n");
        for (const line of lines) truth.add(`${/^(\S+) +\S+ +requires /.exec(line)?.[1] ?? ""} ${name}`);
      }
    const known = new Set(names.values());
    expect(edges.toSorted()).toEqual([...truth].filter((edge) => known.has(edge.split(" ", 1)[0] ?? "")).toSorted());
    expect(edges).toContain("acme/app-kit acme/logger");
    expect(found.completeness["php-composer"]).toBe("complete");
  });
});
