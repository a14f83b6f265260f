import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { ImageScan } from "#sbom/scanImage.ts";
import { run } from "./run.ts";
import { scanFolder } from "./scanFolder.ts";

// The packages of this very machine, as its own dpkg and apt tell of them.

const ask = async (program: string, ...args: readonly string[]): Promise<readonly string[]> => {
  const outcome = await run(program, args, { env: { LC_ALL: "C" } });
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome.stdout.split("\n").filter((line) => line !== "");
};

// Without the lists of a mirror, whose newer versions apt would describe in place of those that are installed.
const LISTLESS = ["Dir::State::Lists=/nowhere", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="].flatMap((one) => [
  "-o",
  one,
]);

const sorted = (texts: Iterable<string>): readonly string[] => [...new Set(texts)].toSorted();

let scan: ImageScan;
beforeAll(async () => {
  const paths = ["etc/os-release", "usr/lib/os-release", "var/lib/dpkg/status", "var/lib/apt/extended_states"];
  scan = await scanFolder(
    "/",
    [...paths, "usr/share/doc"].filter((path) => existsSync(`/${path}`)),
  );
});

const debs = (): ImageScan["packages"] => scan.packages.filter(({ foundBy }) => foundBy === "dpkg");

describe("dpkg on this machine", () => {
  it("names the same packages, versions, architectures and sources", async () => {
    const format = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\n";
    const lines = await ask("dpkg-query", "-W", "-f", format);
    const installed = lines.filter((line) => line.startsWith("installed\t")).map((line) => line.slice(10));
    expect(installed.length).toBeGreaterThan(80);
    const found = debs().map(({ name, version, purl, properties }) => {
      const architecture = new URLSearchParams(purl.replace(/^[^?]*\?/, "")).get("arch");
      return [name, version, architecture, properties?.["source"] ?? name].join("\t");
    });
    expect(sorted(found)).toEqual(sorted(installed));
    expect(scan.unknowns).toEqual([]);
    expect(scan.completeness["dpkg"]).toBe("complete");
  });

  it("has the edges of apt-cache depends", async () => {
    const labels = new Map(debs().map(({ id, name }) => [id, name]));
    const names = sorted(labels.values());
    const flags = ["Recommends", "Suggests", "Conflicts", "Breaks", "Replaces", "Enhances"].map((one) => `no-${one}`);
    const told = await ask(
      "apt-cache",
      ...LISTLESS,
      "depends",
      ...flags.map((one) => `--${one.toLowerCase()}`),
      ...names,
    );
    const edges = scan.edges.filter(({ from }) => labels.has(from));
    expect(edges.length).toBeGreaterThan(150);
    const found = edges.map(({ from, to }) => `${labels.get(from)} > ${labels.get(to)}`);
    expect(sorted(found)).toEqual(sorted(edgesOf(told, new Set(names))));
  });

  it("has the same that were asked for as apt-mark", async () => {
    const manual = await ask("apt-mark", "showmanual");
    const labels = new Map(debs().map(({ id, name }) => [id, name]));
    const direct = scan.direct.flatMap((id) => labels.get(id) ?? []);
    expect(sorted(direct)).toEqual(sorted(manual.map((one) => one.replace(/:.*/, ""))));
  });
});

// "bash", "  PreDepends: libc6", " |Depends: debconf", "  Depends: <awk>" and below it "    mawk".
const edgesOf = (lines: readonly string[], installed: ReadonlySet<string>): readonly string[] => {
  let from = "";
  return lines.flatMap((line) => {
    if (/^\S/.test(line)) from = line.replace(/:.*/, "");
    const to = (/^ [ |](?:Pre)?Depends: (\S+)$/.exec(line)?.[1] ?? /^ {4}(\S+)$/.exec(line)?.[1] ?? "").replace(
      /:.*/,
      "",
    );
    return to !== from && installed.has(to) ? [`${from} > ${to}`] : [];
  });
};
