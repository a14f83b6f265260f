import { fail } from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startEmbeddedRegistry } from "../interop/embeddedRegistry.ts";
import { startRealRegistry } from "../interop/realRegistry.ts";
import { succeed } from "../interop/run.ts";
import { waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";

const LARGE_MIB = 1024;
const LARGE_RUNS = 3;
const CLIENTS = 16;
const BLOBS = 48;
const BLOB_BYTES = 4 * 1024 * 1024;
const LOAD_RUNS = 5;
const MAX_SERVER_MIB = 200;

/** One large layer against curl, and sixteen clients against the registries that others run. */
export const measureRegistry = async (workspace: Workspace): Promise<readonly Line[]> => [
  ...(await measureLarge(workspace)),
  ...(await measureLoad(workspace)),
];

const line = (name: string, found: Awaited<ReturnType<typeof compare>>, goal: number, note: string): Line => ({
  name,
  ours: found.ours,
  theirs: found.theirs,
  unit: "ms",
  kind: "faster",
  ratio: 1 / found.oursToTheirs,
  goal,
  note,
});

interface LargeImage {
  readonly layout: string;
  readonly layer: string;
  readonly digest: string;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** An OCI layout with an image of one layer of random bytes. */
const makeLargeImage = (workspace: Workspace): LargeImage => {
  const layout = workspace.path("large");
  const blobs = join(layout, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const raw = join(layout, "layer");
  const file = openSync(raw, "w");
  const hash = createHash("sha256");
  for (let written = 0; written < LARGE_MIB; written += 16) {
    const bytes = randomBytes(16 * 1024 * 1024);
    hash.update(bytes);
    writeSync(file, bytes);
  }
  closeSync(file);
  const hex = hash.digest("hex");
  const put = (value: object) => {
    const bytes = Buffer.from(JSON.stringify(value));
    writeFileSync(join(blobs, sha256(bytes)), bytes);
    return { digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  const layer = join(blobs, hex);
  renameSync(raw, layer);
  const rootfs = { type: "layers", diff_ids: [`sha256:${hex}`] };
  const config = put({ architecture: "amd64", os: "linux", rootfs });
  const manifest = put({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [
      { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: `sha256:${hex}`, size: statSync(layer).size },
    ],
  });
  const entry = { mediaType: "application/vnd.oci.image.manifest.v1+json", ...manifest };
  const named = { ...entry, annotations: { "org.opencontainers.image.ref.name": "1.0" } };
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  return { layout, layer, digest: `sha256:${hex}` };
};

// What a shell script does without any client; -T streams the file, which --data-binary would hold in memory.
const CURL_PUSH = `set -e
place=$(curl -sS -X POST -D - -o /dev/null "$BASE/blobs/uploads/" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
case $place in http*) ;; *) place=$ORIGIN$place ;; esac
case $place in *'?'*) place="$place&digest=$DIGEST" ;; *) place="$place?digest=$DIGEST" ;; esac
test "$(curl -sS -o /dev/null -w '%{http_code}' -H 'Content-Type: application/octet-stream' -H 'Expect:' -T "$FILE" "$place")" = 201
`;

// The same, and the file is hashed at the same time, as we do.
const CHECKED_PUSH = `sha256sum "$FILE" > "$TARGET" &
${CURL_PUSH}
wait
test "sha256:$(cut -c 1-64 "$TARGET")" = "$DIGEST"
`;

const CURL_PULL = 'curl -sSf -o "$TARGET" "$URL"';
const CHECKED_PULL = `set -o pipefail
test "sha256:$(curl -sSf "$URL" | tee "$TARGET" | sha256sum | cut -c 1-64)" = "$DIGEST"
`;

const measureLarge = async (workspace: Workspace): Promise<readonly Line[]> => {
  const image = makeLargeImage(workspace);
  await using registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("large-registry") });
  const { env } = workspace;
  const patient = { env, timeoutMs: 300_000 };
  let pushes = 0;
  const settings = { ...env, ORIGIN: registry.url, DIGEST: image.digest, FILE: image.layer };
  const copyTo = async (run: number): Promise<void> => {
    const target = `${registry.host}/ours/r${pushes++}-${run}:1.0`;
    await waybillDone(["copy", "-q", `oci:${image.layout}:1.0`, target], patient);
  };
  const copyFrom = async (run: number): Promise<void> => {
    const target = workspace.path(`pulled-${run}`);
    await waybillDone(["copy", "-q", `${registry.host}/ours/r0-0:1.0`, `oci:${target}:1.0`], patient);
    rmSync(target, { recursive: true });
  };
  const shell =
    (script: string) =>
    async (run: number): Promise<void> => {
      const target = workspace.path(`curled-${run}`);
      const place = { BASE: `${registry.url}/v2/theirs/r${pushes++}`, TARGET: target };
      const url = `${registry.url}/v2/ours/r0-0/blobs/${image.digest}`;
      await succeed("bash", ["-c", script], { env: { ...settings, ...place, URL: url }, timeoutMs: 300_000 });
      rmSync(target, { force: true });
    };
  const push = await compare(LARGE_RUNS, copyTo, shell(CURL_PUSH));
  const checkedPush = await compare(LARGE_RUNS, copyTo, shell(CHECKED_PUSH));
  const pull = await compare(LARGE_RUNS, copyFrom, shell(CURL_PULL));
  const checkedPull = await compare(LARGE_RUNS, copyFrom, shell(CHECKED_PULL));
  const peak = peakMiB(registry.pid);
  rmSync(image.layout, { recursive: true });
  const note = `one layer of ${LARGE_MIB} MiB, embedded registry; ours is hashed and on disk`;
  return [
    line("copy to a registry against curl", push, 0.8, note),
    line("copy to a registry against curl and sha256sum", checkedPush, 0.8, note),
    line("copy from a registry against curl", pull, 0.8, note),
    line("copy from a registry against curl and sha256sum", checkedPull, 0.8, note),
    memoryLine("registry serve, most memory, one large layer", peak),
  ];
};

const peakMiB = (pid: number): number => {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes ?? fail("no VmHWM")) / 1024;
};

const memoryLine = (name: string, peak: number): Line => ({
  name,
  ours: peak,
  theirs: MAX_SERVER_MIB,
  unit: "MiB",
  kind: "share",
  ratio: peak / MAX_SERVER_MIB,
  goal: 1,
  note: "VmHWM of the serving process against the bound",
});

/** Pushes or pulls with sixteen clients in a process of their own; answers the digests. */
const load = async (
  verb: "push" | "pull",
  name: string,
  digests: readonly string[] = [],
): Promise<readonly string[]> => {
  const script = join(import.meta.dirname, "loadRegistry.ts");
  const child = spawn(process.execPath, [script, verb, name, String(CLIENTS), String(BLOBS), String(BLOB_BYTES)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(digests.join("\n"));
  const said = await text(child.stdout);
  return (JSON.parse(said) as { readonly digests: readonly string[] }).digests;
};

const thrice = (digests: readonly string[]): readonly string[] => [...digests, ...digests, ...digests];

const measureLoad = async (workspace: Workspace): Promise<readonly Line[]> => {
  await using ours = await startEmbeddedRegistry(workspace, { dir: workspace.path("load-registry") });
  const lines: Line[] = [];
  const note = `${CLIENTS} clients, ${BLOBS} blobs of ${BLOB_BYTES >> 20} MiB`;
  for (const kind of ["olareg", "docker-registry"] as const) {
    await using theirs = await startRealRegistry(workspace, kind);
    const push = await compare(
      LOAD_RUNS,
      async (run) => void (await load("push", `${ours.host}/${kind}/r${run}`)),
      async (run) => void (await load("push", `${theirs.host}/${kind}/r${run}`)),
    );
    // Other names, other bytes: each registry is asked for its own.
    const own = thrice(await load("push", `${ours.host}/${kind}/pulled`));
    const other = thrice(await load("push", `${theirs.host}/${kind}/pulled`));
    const pull = await compare(
      LOAD_RUNS,
      async () => void (await load("pull", `${ours.host}/${kind}/pulled`, own)),
      async () => void (await load("pull", `${theirs.host}/${kind}/pulled`, other)),
    );
    lines.push(line(`push to registry serve against ${kind}`, push, 1, note));
    lines.push(line(`pull from registry serve against ${kind}`, pull, 1, `${note}, thrice`));
  }
  return [...lines, memoryLine("registry serve, most memory, sixteen clients", peakMiB(ours.pid))];
};
