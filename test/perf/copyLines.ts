import { mkdirSync, writeFileSync } from "node:fs";
import { peer } from "../interop/peers.ts";
import type { PeerName } from "../interop/peers.ts";
import { startRealRegistry } from "../interop/realRegistry.ts";
import { run, succeed, succeeded } from "../interop/run.ts";
import { waybillCommand, WAYBILL_ENV, waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";
import { pushImages } from "./pushImages.ts";
import { watchProcess } from "./watchProcess.ts";

const IMAGES = 100;
const RUNS = 3;
const MAX_MIB = 200;
const LAYER_MIB = 2048;

interface Peer {
  readonly name: PeerName;
  readonly command: string;
  readonly goal: number;
  readonly note: string;
}

const PEERS: readonly Peer[] = [
  { name: "cosign3", command: "copy", goal: 8, note: "theirs without bundles" },
  { name: "oras", command: "cp -r --from-plain-http --to-plain-http", goal: 3, note: "theirs without .sig tags" },
];

/** `waybill copy` of 100 images with papers in both forms against a process of a peer for each; and the memory for a large layer. */
export const measureCopy = async (workspace: Workspace): Promise<readonly Line[]> => [
  ...(await measureImages(workspace)),
  ...(await measureLargeLayer(workspace)),
];

const measureImages = async (workspace: Workspace): Promise<readonly Line[]> => {
  // Nobody's own registry.
  await using source = await startRealRegistry(workspace, "olareg");
  await using target = await startRealRegistry(workspace, "olareg");
  const { env } = workspace;
  const key = workspace.path("copy");
  await waybillDone(["generate-key-pair", "--output-key-prefix", key], { env });
  const name = `${source.host}/perf/app`;
  await pushImages(name, IMAGES);
  const tags = Array.from({ length: IMAGES }, (_, at) => `v${at}`);
  const input = tags.map((tag) => `${name}:${tag}\n`).join("");
  await waybillDone(["sign", "--key", `${key}.key`, "-y", "-"], { env, input, timeoutMs: 300_000 });
  const lines: Line[] = [];
  for (const one of PEERS) {
    const mapOf = (to: string): string => tags.map((tag) => `${name}:${tag} ${target.host}/${to}:${tag}\n`).join("");
    const loop = `while read -r from to; do "$0" ${one.command} "$from" "$to" || exit 1; done`;
    const result = await compare(
      RUNS,
      async (at) => {
        const copy = ["copy", "--quiet", "--from-file", "-"];
        await waybillDone(copy, { env, input: mapOf(`ours/${one.name}${at}`), timeoutMs: 300_000 });
      },
      async (at) => {
        await succeed("bash", ["-c", loop, peer(one.name)], {
          env,
          input: mapOf(`theirs/${one.name}${at}`),
          timeoutMs: 300_000,
        });
      },
    );
    lines.push({
      name: `copy ${IMAGES} images with papers against ${one.name}`,
      ours: result.ours,
      theirs: result.theirs,
      unit: "ms",
      kind: "faster",
      ratio: 1 / result.oursToTheirs,
      goal: one.goal,
      note: `registries: olareg, ${one.note}`,
    });
  }
  return lines;
};

/** The most memory that a copy of one layer of 2 GiB takes: to a registry, into an archive, and out of it. */
const measureLargeLayer = async (workspace: Workspace): Promise<readonly Line[]> => {
  await using registry = await startRealRegistry(workspace, "docker-registry");
  const layout = workspace.path("large");
  await makeLargeLayout(workspace, layout);
  const archive = `oci:${workspace.path("large.tar")}`;
  const hops = [
    [`oci:${layout}:1.0`, `${registry.host}/large/app:1.0`],
    [`${registry.host}/large/app:1.0`, `${archive}:1.0`],
    [`${archive}:1.0`, `${registry.host}/large/back:1.0`],
  ] as const;
  const lines: Line[] = [];
  for (const [from, to] of hops) {
    const [program, args] = waybillCommand(["copy", "--quiet", from, to]);
    const cost = await watchProcess(program, args, {
      env: { ...workspace.env, ...WAYBILL_ENV },
      output: workspace.path("copied"),
    });
    const kinds = [from, to].map((one) =>
      one === `oci:${layout}:1.0` ? "layout" : one.startsWith("oci:") ? "archive" : "registry",
    );
    lines.push({
      name: `memory for a layer of ${LAYER_MIB} MiB, ${kinds.join(" to ")}`,
      ours: cost.peakMiB,
      theirs: MAX_MIB,
      unit: "MiB",
      kind: "share",
      ratio: cost.peakMiB / MAX_MIB,
      goal: 1,
      note: `${Math.round(LAYER_MIB / (cost.milliseconds / 1000))} MiB/s`,
    });
  }
  return lines;
};

const OCI = "application/vnd.oci.image";

const makeLargeLayout = async (workspace: Workspace, path: string): Promise<void> => {
  const blobs = `${path}/blobs/sha256`;
  mkdirSync(blobs, { recursive: true });
  const layerFile = workspace.path("large-layer");
  // Bytes that nothing can make smaller.
  const make = `head -c ${LAYER_MIB}M /dev/urandom > "$0"`;
  succeeded(await run("bash", ["-c", make, layerFile], { timeoutMs: 120_000 }));
  const add = async (file: string): Promise<string> => {
    const hex = (await succeed("sha256sum", [file], { timeoutMs: 120_000 })).slice(0, 64);
    await succeed("mv", [file, `${blobs}/${hex}`]);
    return hex;
  };
  const addJson = async (value: object): Promise<{ readonly digest: string; readonly size: number }> => {
    const text = JSON.stringify(value);
    const file = workspace.path("large.json");
    writeFileSync(file, text);
    return { digest: `sha256:${await add(file)}`, size: Buffer.byteLength(text) };
  };
  const layer = { digest: `sha256:${await add(layerFile)}`, size: LAYER_MIB * 1024 * 1024 };
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = await addJson({ architecture: "amd64", os: "linux", config: {}, rootfs });
  const manifest = await addJson({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, ...config },
    layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...layer }],
  });
  const annotations = { "org.opencontainers.image.ref.name": "1.0" };
  const index = { schemaVersion: 2, manifests: [{ mediaType: `${OCI}.manifest.v1+json`, ...manifest, annotations }] };
  writeFileSync(`${path}/index.json`, JSON.stringify(index));
  writeFileSync(`${path}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
};
