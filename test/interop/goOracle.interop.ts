import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goBinary } from "#sbom/cataloger/goBinary.ts";
import { scan, scanInput } from "../fakes/scanBench.ts";
import { succeed } from "./run.ts";
import { openWorkspace } from "./workspace.ts";

// Programs that Go builds for several systems, against what `go version -m` reads in them.

const workspace = openWorkspace();
afterAll(() => workspace[Symbol.dispose]());

const SOURCES: Readonly<Record<string, string>> = {
  "go.mod": `module example.com/acme/tool

go 1.21

require (
	github.com/google/uuid v1.6.0
	gopkg.in/yaml.v3 v3.0.1
	example.com/local v0.0.0
)

replace gopkg.in/yaml.v3 => github.com/braydonk/yaml v0.9.0

replace example.com/local => ./local
`,
  "main.go": `package main

import (
	"fmt"

	"example.com/local"
	"github.com/google/uuid"
	"gopkg.in/yaml.v3"
)

var version = "none"

func main() {
	out, _ := yaml.Marshal(map[string]string{"id": uuid.NewString(), "version": version, "local": local.Name})
	fmt.Println(string(out))
}
`,
  "local/go.mod": "module example.com/local\n\ngo 1.21\n",
  "local/local.go": 'package local\n\nconst Name = "local"\n',
};

interface Variant {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  readonly target?: string;
  readonly mainVersion?: string;
}

// Where Go's own archive is unpacked, which need not be on the path.
const GO = ["/usr/local/go/bin/go"].find((path) => existsSync(path)) ?? "go";

const STRIPPED = ["-ldflags", "-s -w -X main.version=v1.2.3"];
const VARIANTS: readonly Variant[] = [
  { name: "linux", env: { GOOS: "linux" }, flags: [] },
  { name: "stripped", env: { GOOS: "linux" }, flags: STRIPPED, mainVersion: "v1.2.3" },
  { name: "trimmed", env: { GOOS: "linux" }, flags: ["-trimpath", ...STRIPPED] },
  { name: "i386", env: { GOOS: "linux", GOARCH: "386" }, flags: STRIPPED, mainVersion: "v1.2.3" },
  { name: "s390x", env: { GOOS: "linux", GOARCH: "s390x" }, flags: [] },
  { name: "windows", env: { GOOS: "windows" }, flags: STRIPPED, mainVersion: "v1.2.3" },
  { name: "macos", env: { GOOS: "darwin", GOARCH: "arm64" }, flags: [] },
  { name: "files", env: { GOOS: "linux" }, flags: STRIPPED, target: "main.go" },
];

const goEnv = (): Readonly<Record<string, string>> => ({
  HOME: process.env["HOME"] ?? "",
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=mod -buildvcs=false",
  // No checksum database is asked: a mirror may not carry it.
  GONOSUMDB: "*",
});

beforeAll(() => {
  mkdirSync(workspace.path("local"));
  for (const [file, text] of Object.entries(SOURCES)) writeFileSync(workspace.path(file), text);
});

/** `path version` of what is in the program; a replacement stands for what it replaces. */
const modulesOf = (said: string): readonly string[] => {
  const modules: string[] = [];
  for (const line of said.split("\n")) {
    const [, kind, path = "", version = ""] = line.split("\t");
    if (kind === "dep") modules.push(`${path} ${version}`);
    if (kind !== "=>") continue;
    const replaced = modules.pop() ?? "";
    modules.push(path.startsWith("./") ? `${replaced.split(" ")[0]} undefined` : `${path} ${version}`);
  }
  return modules.toSorted();
};

describe("Go programs", () => {
  it.each(VARIANTS.map((variant) => [variant.name, variant] as const))(
    "%s: as go version -m says",
    async (name, variant) => {
      const file = workspace.path(`out-${name}`);
      const args = ["build", ...variant.flags, "-o", file, variant.target ?? "."];
      await succeed(GO, args, { cwd: workspace.path(), env: { ...goEnv(), ...variant.env }, timeoutMs: 300_000 });
      const said = await succeed(GO, ["version", "-m", file], { env: goEnv() });
      const input = scanInput([[{ name: `opt/${name}`, body: readFileSync(file) }]]);
      const { packages, edges, unknowns } = await scan(input, { catalogers: [goBinary] });
      expect(unknowns).toEqual([]);
      const found = packages.map((one) => [one.namespace, one.name].filter((part) => part !== undefined).join("/"));
      const all = packages.map(({ version }, index) => `${found[index]} ${version}`);
      const [, toolchain] = /: go(\S+)/.exec(said) ?? [];
      const own = `example.com/acme/tool ${variant.mainVersion}`;
      // A list of files has no main module: go says nothing of the one that it was built in.
      const expected = [...modulesOf(said), `stdlib ${toolchain}`, ...(name === "files" ? [] : [own])];
      expect(all.toSorted()).toEqual(expected.toSorted());
      expect(edges).toHaveLength(name === "files" ? 0 : expected.length - 1);
    },
  );
});
