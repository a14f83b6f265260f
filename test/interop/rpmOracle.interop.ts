import { fail } from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decompress } from "#archive/decompress.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { parseManifest } from "#core/manifest.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { rpm } from "#sbom/cataloger/rpm.ts";
import { readDistro } from "#sbom/readDistro.ts";
import type { ImageScan } from "#sbom/scanImage.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import type { RawEntry } from "../fakes/tarBytes.ts";
import { scan, scanInput } from "../fakes/scanBench.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { openGoldenLayout, readGoldenImages, scanGolden } from "../vectors/goldenImages.ts";
import { buildPackages, openRpmDatabase, PACKAGE } from "./rpmPrograms.ts";
import type { RpmDatabase } from "./rpmPrograms.ts";
import { succeed } from "./run.ts";
import { openWorkspace } from "./workspace.ts";

// rpm itself says what is in a database: names, versions, licences, and what provides what is required.

const workspace = openWorkspace();
afterAll(() => workspace[Symbol.dispose]());

const PLACE = "usr/lib/sysimage/rpm";
const OS: RawEntry = { name: "etc/os-release", body: "ID=fedora\nVERSION_ID=41\n" };

const scanLayers = (...layers: readonly (readonly RawEntry[])[]): Promise<ImageScan> =>
  scan(scanInput(layers), { catalogers: [osRelease, rpm], readDistro });
const entriesOf = (database: RpmDatabase): readonly RawEntry[] =>
  Object.entries(database.files()).map(([name, body]) => ({ name: `${PLACE}/${name}`, body }));
const packagesOf = ({ packages }: ImageScan): readonly string[] =>
  packages
    .map(({ name, version, purl }) => `${name}-${version ?? ""}.${/[?&]arch=([^&]*)/.exec(purl)?.[1] ?? ""}`)
    .sort();

describe("packages that rpmbuild made", async () => {
  const packages = await buildPackages(workspace, [
    {
      name: "base",
      version: "2.0",
      release: "3",
      license: "GPLv2+ and (ASL 2.0 or MPLv2.0)",
      lines: ["Provides: virtual = 7", "Provides: libbase.so.2()(64bit)"],
      files: ["/opt/base/tool", "/opt/base/lib/python3/x.dist-info/METADATA"],
    },
    { name: "odd", version: "1.0~rc1^git5", lines: ["Epoch: 3", "ModularityLabel: odd:1:20:abc"] },
    { name: "extra", version: "1", license: "BSD and MIT", lines: ["Requires: base"] },
    {
      name: "app",
      version: "1",
      lines: [
        "Requires: virtual >= 5",
        "Requires: /opt/base/tool",
        "Requires: (extra if base)",
        "Requires: (odd >= 3:1.0 with odd < 3:1.0)",
        "Requires: (nothing or odd)",
        "Requires: absent",
      ],
    },
    { name: "late", version: "1", lines: ["Requires: libbase.so.2()(64bit)", "Requires: virtual < 5"] },
  ]);
  const path = workspace.path("db");
  const database = openRpmDatabase(path, workspace.env);
  await database.install(packages.slice(0, 4));

  it("are listed with their versions, licences and modules", async () => {
    const found = await scanLayers([OS, ...entriesOf(database)]);
    expect(packagesOf(found)).toEqual(await database.query(PACKAGE));
    const told = found.packages.map(({ name, properties, supplier, description, homepage, licenses }) => [
      name,
      properties?.["module"] ?? "(none)",
      properties?.["source"],
      supplier,
      description,
      homepage,
      licenses.map((one) => ("expression" in one ? one.expression : one.name)).join(),
    ]);
    const stated = await database.query(
      "%{NAME}\\t%{MODULARITYLABEL}\\t%{SOURCERPM}\\t%{VENDOR}\\t%{SUMMARY}\\t%{URL}",
    );
    expect(told.map((row) => row.slice(0, 6).join("\t")).sort()).toEqual(stated);
    const licenses = Object.fromEntries(told.map((row) => [row[0], row[6]]));
    expect(licenses).toEqual({
      app: "MIT",
      base: "GPL-2.0-or-later AND (Apache-2.0 OR MPL-2.0)",
      extra: "BSD and MIT",
      odd: "MIT",
    });
    expect(found.unknowns).toEqual([]);
  });

  it("need each other as their specifications say", async () => {
    const { edges } = await scanLayers([OS, ...entriesOf(database)]);
    const name = (id: string): string => id.replace(/^pkg:rpm\/fedora\/([^@]*)@.*/, "$1");
    expect(edges.map(({ from, to }) => `${name(from)} -> ${name(to)}`)).toEqual([
      "app -> base",
      "app -> extra",
      "app -> odd",
      "extra -> base",
    ]);
  });

  it("come and go with the layers", async () => {
    const before = entriesOf(database);
    await database.install(packages.slice(4));
    await database.remove("extra");
    const after = entriesOf(database);
    const found = await scanLayers([OS, ...before], after);
    expect(packagesOf(found)).toEqual(await database.query(PACKAGE));
    expect(found.packages.map(({ name, introducedIn }) => `${name} ${introducedIn}`).sort()).toEqual([
      "app 0",
      "base 0",
      "late 1",
      "odd 0",
    ]);
  });

  // What a container has that was frozen while rpm was at work: the last change is in the log alone.
  it("are the same while their last change is in the write-ahead log only", async () => {
    const frozen = workspace.path("frozen");
    await succeed("cp", ["-r", path, frozen]);
    const copy = join(frozen, "rpmdb.sqlite");
    const script = `
      import { DatabaseSync } from "node:sqlite";
      import { cpSync } from "node:fs";
      const database = new DatabaseSync(process.argv[1]);
      database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA wal_checkpoint(TRUNCATE)");
      database.exec("PRAGMA foreign_keys = OFF");
      database.exec("DELETE FROM Packages WHERE hnum = (SELECT hnum FROM Name WHERE key = 'odd')");
      cpSync(process.argv[1] + "-wal", process.argv[1] + "-log");
      cpSync(process.argv[1], process.argv[1] + "-main");
      database.close();`;
    await succeed(process.execPath, ["--input-type=module", "-e", script, copy], { env: workspace.env });
    const read = (end: string): Promise<string> => succeed("base64", ["-w0", `${copy}${end}`], { env: workspace.env });
    const main = { name: `${PLACE}/rpmdb.sqlite`, body: Buffer.from(await read("-main"), "base64") };
    const log = { name: `${PLACE}/rpmdb.sqlite-wal`, body: Buffer.from(await read("-log"), "base64") };
    // rpm and SQLite have folded the log into the file by now.
    const truth = await openRpmDatabase(frozen, workspace.env).query(PACKAGE);
    expect(truth.join()).not.toContain("odd");
    expect(packagesOf(await scanLayers([OS, main], [log]))).toEqual(truth);
    expect(packagesOf(await scanLayers([OS, main])).join()).toContain("odd");
  });
});

describe.each(["rpm-sqlite-rocky9", "rpm-sqlite-mariner"])("the database of %s", async (name) => {
  const ctx = testCtx();
  const layout = await openGoldenLayout(ctx);
  const golden = readGoldenImages().find((image) => image.name === name);
  const found = await scanGolden(ctx, layout, golden?.digest ?? "");
  const database = await copyDatabase(ctx, layout, name, golden?.digest ?? "");

  it("has what rpm lists", async () => {
    expect(packagesOf(found)).toEqual(await database.query(PACKAGE));
    const [licenses, stated] = [new Map<string, string>(), await database.query("%{NAME}\\t%{LICENSE}")];
    for (const line of stated) licenses.set(...(line.split("\t", 2) as [string, string]));
    const kept = found.packages.flatMap((one) =>
      one.licenses.flatMap((license) => ("name" in license ? [[one.name, license.name]] : [])),
    );
    expect(kept).toEqual(kept.map(([package_ = ""]) => [package_, licenses.get(package_)]));
    expect(kept.length).toBeLessThan(stated.length / 2);
  });

  it("has the edges that rpm finds, requirement by requirement", async () => {
    const ids = new Map(found.packages.map((one) => [one.name, one.id]));
    const asked = new Map<string, readonly string[]>();
    const requires = await database.queryEach("%{=NAME}\\t%{REQUIRENAME}");
    const wanted = new Map<string, Set<string>>();
    // Every third package, to keep the questions to rpm at some hundreds.
    const some = new Set([...ids.keys()].sort().filter((_, index) => index % 3 === 0));
    for (const line of requires) {
      const [from = "", requirement = ""] = line.split("\t");
      if (!some.has(from) || requirement.startsWith("(") || requirement.startsWith("rpmlib(")) continue;
      const providers = asked.get(requirement) ?? (await database.whatProvides(requirement));
      asked.set(requirement, providers);
      const edges = wanted.get(from) ?? new Set();
      for (const provider of providers) edges.add(ids.get(provider.replace(/-[^-]*-[^-]*$/, "")) ?? provider);
      wanted.set(from, edges);
    }
    expect(asked.size).toBeGreaterThan(100);
    for (const [from, providers] of wanted) {
      const id = ids.get(from);
      const ours = found.edges.filter((edge) => edge.from === id).map(({ to }) => to);
      expect([from, ...ours.sort()]).toEqual([from, ...[...providers].filter((to) => to !== id).sort()]);
    }
  });
});

/** Puts the database of an image, which is one file in its only layer, where rpm can open it. */
async function copyDatabase(ctx: Ctx, layout: Repository, name: string, image: string): Promise<RpmDatabase> {
  const folder = workspace.path(name);
  mkdirSync(folder);
  const manifest = parseManifest((await layout.readManifest(ctx, image)) ?? fail(`no image ${image}`));
  const [layer] = manifest.kind === "image" ? manifest.layers : [];
  if (layer === undefined) throw new TypeError(`${image} has no layers`);
  const job = { what: "layer", size: layer.size, limits: SCAN_LIMITS.inflate };
  const archive = await Array.fromAsync(
    decompress(layout.readBlob(ctx, layer), job, () => undefined),
    (chunk) => Buffer.from(chunk),
  );
  const arguments_ = ["-x", "-C", folder, "--wildcards", "--transform=s,.*/,,", "*/rpmdb.sqlite"];
  await succeed("tar", arguments_, { env: workspace.env, input: Buffer.concat(archive) });
  return openRpmDatabase(folder, workspace.env);
}
