import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { fail } from "node:assert/strict";
import { succeed } from "../interop/run.ts";
import { WAYBILL_ENV, waybillCommand } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { buildBigLayout } from "./bigLayout.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";
import { watchProcess } from "./watchProcess.ts";
import type { Cost } from "./watchProcess.ts";

const RUNS = 5;
const MEMORY_MIB = 250;
// Threads wake each other by writing a few bytes; a temporary copy of even one layer is far above.
const WRITTEN_BYTES = 1024 * 1024;

/** `waybill sbom` of a large layout against inflating and hashing the same layers with gzip and sha256sum, one by one. */
export const measureSbom = async (workspace: Workspace): Promise<readonly Line[]> => {
  const layout = await buildBigLayout(workspace.path("big-layout"));
  const temporary = workspace.path("must-stay-empty");
  mkdirSync(temporary);
  const [program, args] = waybillCommand(["sbom", "--quiet", `oci:${layout.path}:1.0`]);
  const costs: Cost[] = [];
  const output = workspace.path("sbom.json");
  const ours = async (): Promise<void> => {
    const env = { ...workspace.env, ...WAYBILL_ENV, TMPDIR: temporary };
    costs.push(await watchProcess(program, args, { env, output }));
  };
  const script = 'for layer; do gzip -dc < "$layer" | sha256sum; done';
  const theirs = async (): Promise<void> => {
    await succeed("bash", ["-c", script, "bash", ...layout.layers], { timeoutMs: 300_000 });
  };
  const result = await compare(RUNS, ours, theirs);
  const { components = [] } = JSON.parse(readFileSync(output, "utf8")) as { readonly components?: readonly unknown[] };
  if (components.length === 0) fail("the SBOM that was measured is empty");
  const left = readdirSync(temporary).length;
  const peak = Math.max(...costs.map((cost) => cost.peakMiB));
  const written = Math.max(...costs.map((cost) => cost.writtenBytes));
  const size = `${Math.round(layout.plainBytes / 1e6)} MB in ${layout.layers.length} layers, ${Math.round(layout.compressedBytes / 1e6)} MB compressed, ${components.length} components`;
  return [
    {
      name: "sbom against gzip -dc | sha256sum",
      ours: result.ours,
      theirs: result.theirs,
      unit: "ms",
      kind: "share",
      ratio: result.oursToTheirs,
      goal: 0.6,
      note: size,
    },
    {
      name: "sbom, peak memory against 250 MiB",
      ours: peak,
      theirs: MEMORY_MIB,
      unit: "MiB",
      kind: "share",
      ratio: peak / MEMORY_MIB,
      goal: 1,
      note: `VmHWM, worst of ${RUNS}`,
    },
    {
      name: "sbom, bytes written besides the result against 1 MiB",
      ours: written,
      theirs: WRITTEN_BYTES,
      unit: "bytes",
      kind: "share",
      ratio: written / WRITTEN_BYTES,
      goal: 1,
      note: `${left} files left in the temporary folder`,
    },
  ];
};
