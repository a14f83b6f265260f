import { writeFileSync } from "node:fs";
import { peer } from "../interop/peers.ts";
import { startRealRegistry } from "../interop/realRegistry.ts";
import { succeed } from "../interop/run.ts";
import { waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";
import { pushImages } from "./pushImages.ts";

const IMAGES = 200;
const RUNS = 3;

interface Peer {
  readonly name: "cosign3" | "cosign2";
  readonly version: string;
  /** What this version writes and looks for by default: both sides read the same papers, and one form of them. */
  readonly form: "bundle" | "legacy";
  readonly goal: number;
}

const PEERS: readonly Peer[] = [
  { name: "cosign3", version: "3.1.2", form: "bundle", goal: 10 },
  { name: "cosign2", version: "2.6.1", form: "legacy", goal: 15 },
];

const LOOP =
  'while read -r image; do "$0" verify --key "$1" --insecure-ignore-tlog=true "$image" || exit 1; done < "$2"';

/** `waybill verify` of 200 signed images in one process against one cosign process after the other. */
export const measureVerify = async (workspace: Workspace): Promise<readonly Line[]> => {
  // Neither side's own registry.
  await using registry = await startRealRegistry(workspace, "olareg");
  const key = workspace.path("verify");
  const { env } = workspace;
  await waybillDone(["generate-key-pair", "--output-key-prefix", key], { env });
  const lines: Line[] = [];
  for (const { name, version, form, goal } of PEERS) {
    const references = await pushImages(`${registry.host}/perf/${form}`, IMAGES);
    const input = references.map((reference) => `${reference}\n`).join("");
    const list = workspace.path(`${form}.txt`);
    writeFileSync(list, input);
    const sign = ["sign", "--key", `${key}.key`, "--storage", form, "-y", "-"];
    await waybillDone(sign, { env, input, timeoutMs: 300_000 });
    const result = await compare(
      RUNS,
      async () => {
        await waybillDone(["verify", "--quiet", "--key", `${key}.pub`, "-"], { env, input, timeoutMs: 120_000 });
      },
      async () => {
        await succeed("bash", ["-c", LOOP, peer(name), `${key}.pub`, list], { env, timeoutMs: 300_000 });
      },
    );
    lines.push({
      name: `verify ${IMAGES} images against cosign ${version}`,
      ours: result.ours,
      theirs: result.theirs,
      unit: "ms",
      kind: "faster",
      ratio: 1 / result.oursToTheirs,
      goal,
      note: `${form} form, registry: ${registry.kind}`,
    });
  }
  return lines;
};
