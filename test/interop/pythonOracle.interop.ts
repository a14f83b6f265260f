import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { succeed } from "./run.ts";
import { scanDirectories } from "./scanDirectories.ts";
import { openWorkspace } from "./workspace.ts";

// pip says what is installed, and importlib.metadata with pip's own evaluation of conditions what needs what.

const workspace = openWorkspace();
afterAll(() => workspace[Symbol.dispose]());

const REAL =
  "requests[socks] zope.interface flask pydantic jaraco.classes ruamel.yaml sqlalchemy importlib_metadata rich pytest attrs uvicorn[standard] sphinx setuptools>=75,<80 wheel".split(
    " ",
  );
const LISTING = `
import json
from importlib.metadata import distributions
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name as canonical
there = {}
for one in distributions():
    there.setdefault(canonical(one.metadata["Name"]), one)
extras = {name: {""} for name in there}
def needs(name):
    for text in there[name].requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in extras[name]):
            yield canonical(requirement.name), requirement
grown = True
while grown:
    grown = False
    for name in there:
        for other, requirement in needs(name):
            if other in there and not requirement.extras <= extras[other]:
                extras[other] |= requirement.extras
                grown = True
print(json.dumps(sorted({f"{a} {b}" for a in there for b, _ in needs(a) if b in there and a != b})))
`;

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

describe("packages that pip installed", async () => {
  const at = (...names: readonly string[]): string => workspace.path("python", ...names);
  const setup = (name: string, requires: string): string =>
    `from setuptools import setup\nsetup(name=${JSON.stringify(name)}, version="1.2.3", py_modules=[], install_requires=${requires}, extras_require={"fast": ["attrs"], ":python_version < '3'": ["rich"]})\n`;
  write(at("new", "setup.py"), setup("New.Editable", '["requests[socks]", "old_work_tree[fast]"]'));
  write(
    at("new", "pyproject.toml"),
    '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
  );
  write(at("old", "setup.py"), setup("old_work_tree", '["flask"]'));
  write(at("egg", "setup.py"), setup("egg-by-setup", '["old-work-tree"]'));
  write(at("git", "setup.py"), setup("from-git", "[]"));
  // Programs of the machine's Python; nothing of the user's.
  const env = { ...process.env, ...workspace.env } as Readonly<Record<string, string>>;
  const call = (program: string, args: readonly string[], cwd = at()): ReturnType<typeof succeed> =>
    succeed(program, args, { env, cwd, timeoutMs: 500_000 });
  const python = at("venv", "bin", "python");
  await call("python3", ["-m", "venv", at("venv")]);
  await call(python, ["-m", "pip", "install", "-q", "--disable-pip-version-check", ...REAL]);
  await call(python, ["-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "-e", at("new")]);
  await call(python, ["setup.py", "-q", "develop", "--no-deps"], at("old"));
  await call(
    python,
    ["setup.py", "-q", "install", "--single-version-externally-managed", "--record", at("r")],
    at("egg"),
  );
  for (const args of [
    ["init", "-q"],
    ["add", "."],
    ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"],
  ])
    await call("git", args, at("git"));
  await call(python, ["-m", "pip", "install", "-q", "--no-build-isolation", `git+file://${at("git")}`]);
  const found = await scanDirectories([at("venv"), at("old"), at("new")]);
  const all = found.packages.filter(({ type }) => type === "pypi");
  const own = all.filter(({ properties }) => properties?.["vendoredIn"] === undefined);

  it("are all found, and nothing else", async () => {
    const stdout = await call(python, ["-m", "pip", "list", "--format=json", "--disable-pip-version-check"]);
    const listed = JSON.parse(stdout) as readonly { readonly name: string; readonly version: string }[];
    const canonical = (name: string): string => name.replace(/[-_.]+/g, "-").toLowerCase();
    expect(own.map(({ name, version }) => `${name} ${version ?? ""}`).toSorted()).toEqual(
      listed.map(({ name, version }) => `${canonical(name)} ${version}`).toSorted(),
    );
    expect(own.length).toBeGreaterThan(40);
    expect(found.unknowns).toEqual([]);
  });

  it("have the edges that Python sees", async () => {
    const names = new Map(own.map(({ id, name }) => [id, name]));
    const edges = found.edges.flatMap(({ from, to }) =>
      names.has(from) && names.has(to) ? `${names.get(from)} ${names.get(to)}` : [],
    );
    const truth = JSON.parse(await call(python, ["-c", LISTING])) as readonly string[];
    expect(edges.toSorted()).toEqual(truth.toSorted());
    expect(truth).toContain("requests pysocks");
    expect(truth).toContain("old-work-tree attrs");
  });

  it("say where they came from and who asked for them", async () => {
    const properties = new Map(own.map((one) => [one.name, one.properties]));
    expect(properties.get("new-editable")).toMatchObject({ editable: "true", directUrl: `file://${at("new")}` });
    expect(properties.get("old-work-tree")).toMatchObject({ editable: "true" });
    const stdout = await call("git", ["rev-parse", "HEAD"], at("git"));
    const purl = own.find(({ name }) => name === "from-git")?.purl ?? "";
    expect(decodeURIComponent(purl)).toBe(`pkg:pypi/from-git@1.2.3?vcs_url=git+file://${at("git")}@${stdout.trim()}`);
    const asked = found.direct.map((id) => /^pkg:pypi\/([^@]*)/.exec(id)?.[1]);
    expect(asked).toEqual(expect.arrayContaining(["requests", "zope-interface", "new-editable", "from-git"]));
    expect(asked).not.toContain("urllib3");
  });

  it("carry copies, each in the package that holds it", () => {
    const copies = all.filter(({ properties }) => properties?.["vendoredIn"] !== undefined);
    const holders = new Set(copies.map(({ properties }) => properties?.["vendoredIn"]));
    expect([...holders]).toEqual(["setuptools"]);
    expect(own.find(({ name }) => name === "pip")?.properties?.["vendored"]).toContain("urllib3 ");
  });
});
