import { fail } from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { peer } from "../interop/peers.ts";
import { succeed } from "../interop/run.ts";
import { WAYBILL_ENV, waybillCommand, waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Comparison, Line } from "./measure.ts";
import { packJars, packLarge, packManyFiles, packSystem } from "./sbomImages.ts";
import type { PerfImage } from "./sbomImages.ts";
import { watchProcess } from "./watchProcess.ts";
import type { Cost } from "./watchProcess.ts";

const RUNS = 5;
const FEW_RUNS = 3;
// Threads wake each other by writing a few bytes; a temporary copy of even one layer is far above.
const WRITTEN_BYTES = 1024 * 1024;
const MANY_FILES = 3_000_000;
const MANY_FILES_MIB = 600;
const SMALL_IMAGES = [
  "apk-alpine",
  "apk-apko",
  "buildpacks",
  "deb-removed-later",
  "distroless-no-parents",
  "docker-schema2",
  "dotnet-deps",
  "duplicate-database",
  "empty-layers",
  "hardlink-same-layer",
  "layer-estargz",
  "layer-zstd",
  "npm-odd",
  "os-release-symlink",
  "php-composer",
  "replace-directory",
  "rpm-sqlite-wal",
  "ruby-gems",
  "tar-gnu",
  "whiteout-file",
];
const FLOOR = join(process.cwd(), "test/perf/floor.ts");

/** `waybill sbom` of large layouts against the floor (inflating and both hashes, on all cores), against syft and itself. */
export const measureSbom = async (workspace: Workspace): Promise<readonly Line[]> => {
  const bench = openBench(workspace);
  const system = await packSystem(workspace.path("system"));
  const lines = [
    ...(await measureCold(bench, system)),
    await measureWarm(bench, system),
    ...(await measureSyft(bench, system)),
  ];
  const jars = await packJars(workspace.path("jars"));
  lines.push(await measureFloor(bench, "sbom of an image full of jars", jars, 2.5));
  lines.push(await measureMany(workspace));
  lines.push(...(await measureSizes(bench, workspace, system)));
  return lines;
};

interface Bench {
  /** One run of the program; `cached`: with the cache as it is then. */
  readonly scan: (reference: string, cached?: boolean) => Promise<Cost>;
  readonly forget: () => void;
  readonly components: () => number;
  readonly floor: (image: PerfImage) => Promise<void>;
  readonly syft: (image: PerfImage) => Promise<Cost>;
  readonly temporaryFiles: () => number;
}

const openBench = (workspace: Workspace): Bench => {
  const [output, temporary, home] = ["sbom.json", "must-stay-empty", "cache"].map((name) => workspace.path(name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(temporary);
  mkdirSync(home);
  const env = { ...workspace.env, ...WAYBILL_ENV, TMPDIR: temporary, XDG_CACHE_HOME: home };
  return {
    scan: (reference, cached = false) => {
      const [program, args] = waybillCommand(["sbom", "--quiet", cached ? "--cache" : "--no-cache", reference]);
      return watchProcess(program, args, { env, output });
    },
    forget: () => rmSync(join(home, "waybill", "layers"), { recursive: true, force: true }),
    components: () =>
      (JSON.parse(readFileSync(output, "utf8")) as { readonly components?: readonly unknown[] }).components?.length ??
      fail("the SBOM that was measured is empty"),
    floor: async ({ layers }) => {
      const paths = layers.map((layer) => layer.path);
      const digests = await succeed(process.execPath, [FLOOR, ...paths], { timeoutMs: 600_000 });
      for (const { digest, diffId } of layers)
        if (!digests.includes(`${digest} ${diffId}`)) fail(`the floor missed ${digest}`);
    },
    syft: ({ path }) =>
      watchProcess(peer("syft"), ["-q", `oci-dir:${aloneIn(`${path}-alone`, "1.0", path)}`, "-o", "cyclonedx-json"], {
        env: { ...workspace.env, SYFT_CHECK_FOR_APP_UPDATE: "false" },
        output: workspace.path("syft.json"),
      }),
    temporaryFiles: () => readdirSync(temporary).length,
  };
};

/** A layout with nothing but one image of another layout: syft takes no tag. */
const aloneIn = (alone: string, tag: string, layout = join(process.cwd(), "../shared/data/images/layout")): string => {
  if (existsSync(alone)) return alone;
  mkdirSync(alone);
  symlinkSync(join(layout, "blobs"), join(alone, "blobs"));
  const { manifests, ...index } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    readonly manifests: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
  };
  const wanted = manifests.filter(({ annotations }) => annotations?.["org.opencontainers.image.ref.name"] === tag);
  if (wanted.length !== 1) fail(`no image ${tag}`);
  writeFileSync(join(alone, "index.json"), JSON.stringify({ ...index, manifests: wanted }));
  copyFileSync(join(layout, "oci-layout"), join(alone, "oci-layout"));
  return alone;
};

const named = ({ path }: PerfImage, tag = "1.0"): string => `oci:${path}:${tag}`;

const describe = ({ layers }: PerfImage, components: number): string => {
  const plain = layers.reduce((sum, { plainSize }) => sum + plainSize, 0);
  const packed = layers.reduce((sum, { size }) => sum + size, 0);
  return `${Math.round(plain / 1e6)} MB in ${layers.length} layers, ${Math.round(packed / 1e6)} MB compressed, ${components} components`;
};

const shareLine = (name: string, { ours, theirs, oursToTheirs }: Comparison, goal: number, note: string): Line => ({
  name,
  ours,
  theirs,
  unit: "ms",
  kind: "share",
  ratio: oursToTheirs,
  goal,
  note,
});

const measureFloor = async (bench: Bench, name: string, image: PerfImage, goal: number): Promise<Line> => {
  const ours = async (): Promise<void> => void (await bench.scan(named(image)));
  const result = await compare(RUNS, ours, () => bench.floor(image));
  return shareLine(`${name} against the floor`, result, goal, describe(image, bench.components()));
};

const measureCold = async (bench: Bench, image: PerfImage): Promise<readonly Line[]> => {
  const cost = await bench.scan(named(image));
  return [
    await measureFloor(bench, "sbom", image, 1.3),
    {
      name: "sbom, bytes written besides the result against 1 MiB",
      ours: cost.writtenBytes,
      theirs: WRITTEN_BYTES,
      unit: "bytes",
      kind: "share",
      ratio: cost.writtenBytes / WRITTEN_BYTES,
      goal: 1,
      note: `without the cache; ${bench.temporaryFiles()} files left in the temporary folder`,
    },
  ];
};

/** The image of a new build, whose base layers were read before, against the same without what was kept. */
const measureWarm = async (bench: Bench, image: PerfImage): Promise<Line> => {
  const fresh = image.layers.at(-1)?.plainSize ?? 0;
  const all = image.layers.reduce((sum, { plainSize }) => sum + plainSize, 0);
  const prepare = async (): Promise<void> => {
    bench.forget();
    await bench.scan(named(image, "base"), true);
  };
  const warm: number[] = [];
  const cold: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    // One after the other: they share the cache, and the machine.
    // oxlint-disable no-await-in-loop
    await prepare();
    warm.push((await bench.scan(named(image), true)).milliseconds);
    cold.push((await bench.scan(named(image))).milliseconds);
    // oxlint-enable no-await-in-loop
  }
  const pick = (run: number): { readonly ours: number; readonly theirs: number } => ({
    ours: warm[run] ?? 0,
    theirs: cold[run] ?? 1,
  });
  const ratios = warm.map((_, run) => pick(run).ours / pick(run).theirs).toSorted((a, b) => a - b);
  const middle = RUNS >> 1;
  return {
    name: "sbom with cached base layers against all of it",
    ours: warm.toSorted((a, b) => a - b)[middle] ?? 0,
    theirs: cold.toSorted((a, b) => a - b)[middle] ?? 0,
    unit: "ms",
    kind: "share",
    ratio: ratios[middle] ?? 0,
    goal: 0.3,
    note: `${Math.round((100 * fresh) / all)} % of the bytes are new`,
  };
};

const measureSyft = async (bench: Bench, image: PerfImage): Promise<readonly Line[]> => {
  const costs: { readonly ours: Cost; readonly theirs: Cost }[] = [];
  for (let run = 0; run < FEW_RUNS; run++) {
    // One after the other: they share the machine.
    // oxlint-disable-next-line no-await-in-loop
    costs.push({ ours: await bench.scan(named(image)), theirs: await bench.syft(image) });
  }
  const [middle] = costs.toSorted((a, b) => speed(a) - speed(b)).slice(FEW_RUNS >> 1);
  if (middle === undefined) return fail("nothing was measured");
  const [ours, theirs] = [costs.map((one) => one.ours.peakMiB), costs.map((one) => one.theirs.peakMiB)];
  const peaks = { ours: Math.max(...ours), theirs: Math.min(...theirs) };
  return [
    {
      name: "sbom against syft",
      ours: middle.ours.milliseconds,
      theirs: middle.theirs.milliseconds,
      unit: "ms",
      kind: "faster",
      ratio: speed(middle),
      goal: 8,
      note: describe(image, bench.components()),
    },
    {
      name: "sbom, peak memory against syft's",
      ...peaks,
      unit: "MiB",
      kind: "share",
      ratio: peaks.ours / peaks.theirs,
      goal: 0.25,
      note: `VmHWM, our worst and their best of ${FEW_RUNS}`,
    },
  ];
};

const speed = ({ ours, theirs }: { readonly ours: Cost; readonly theirs: Cost }): number =>
  theirs.milliseconds / ours.milliseconds;

/** Many small images in one process against one syft for each. */
const measureMany = async (workspace: Workspace): Promise<Line> => {
  const names = SMALL_IMAGES.map((name) => join(process.cwd(), "../shared/data/images/layout") + `:${name}`);
  const out = workspace.path("many-sboms");
  const single = new Map<string, string>();
  for (const name of SMALL_IMAGES) single.set(name, aloneIn(workspace.path(`small-${name}`), name));
  const env = { ...workspace.env, ...WAYBILL_ENV };
  const ours = async (): Promise<void> => {
    rmSync(out, { recursive: true, force: true });
    const references = names.map((name) => `oci:${name}`);
    await waybillDone(["sbom", "--quiet", "--no-cache", "-o", out, ...references], { env });
    if (readdirSync(out).length !== SMALL_IMAGES.length) fail("a document is missing");
  };
  const theirs = async (): Promise<void> => {
    for (const path of single.values())
      // A loop is what people write.
      // oxlint-disable-next-line no-await-in-loop
      await succeed(peer("syft"), ["-q", `oci-dir:${path}`, "-o", `cyclonedx-json=${workspace.path("small.json")}`], {
        env: { ...workspace.env, SYFT_CHECK_FOR_APP_UPDATE: "false" },
        timeoutMs: 120_000,
      });
  };
  const { oursToTheirs, ...result } = await compare(FEW_RUNS, ours, theirs);
  return {
    name: `sbom of ${SMALL_IMAGES.length} small images against a loop of syft`,
    ...result,
    unit: "ms",
    kind: "faster",
    ratio: 1 / oursToTheirs,
    goal: 15,
    note: "start of all processes included",
  };
};

const measureSizes = async (bench: Bench, workspace: Workspace, system: PerfImage): Promise<readonly Line[]> => {
  const small = await bench.scan(named(system));
  const large = await packLarge(workspace.path("large"));
  const thrice = await bench.scan(named(large));
  const note = describe(large, bench.components());
  rmSync(large.path, { recursive: true });
  const many = await packManyFiles(workspace.path("many"), MANY_FILES);
  const millions = await bench.scan(named(many));
  const memory = (name: string, ours: number, theirs: number, goal: number, told: string): Line => ({
    name,
    ours,
    theirs,
    unit: "MiB",
    kind: "share",
    ratio: ours / theirs,
    goal,
    note: told,
  });
  return [
    memory("sbom of three times as much, peak memory against once", thrice.peakMiB, small.peakMiB, 1.15, note),
    memory(
      "sbom of three million files, peak memory against 600 MiB",
      millions.peakMiB,
      MANY_FILES_MIB,
      1,
      `${Math.round(millions.milliseconds / 100) / 10} s`,
    ),
  ];
};
