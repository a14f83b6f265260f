import { openWorkspace } from "../interop/workspace.ts";
import type { Workspace } from "../interop/workspace.ts";
import { measureApi } from "./apiLines.ts";
import { measureBlobs } from "./blobLines.ts";
import { measureIssue } from "./issueLines.ts";
import { measureCopy } from "./copyLines.ts";
import { measureKeyless } from "./keylessLines.ts";
import { isMet } from "./measure.ts";
import type { Line } from "./measure.ts";
import { measureRegistry } from "./registryLines.ts";
import { measureSbom } from "./sbomLines.ts";
import { measureStartUp } from "./startUpLines.ts";
import { measureVerify } from "./verifyLines.ts";

// `node test/perf/run.ts [startup] [verify] [keyless] [issue] [blobs] [sbom] [copy] [api] [registry]`: prints a table, then the same as JSON.
// Needs the built program and scripts/interop-tools.sh with syft. A goal that is missed is said, and is no failure: the machine may be busy.

const MEASUREMENTS: Readonly<Record<string, (workspace: Workspace) => Promise<readonly Line[]>>> = {
  startup: measureStartUp,
  verify: measureVerify,
  keyless: measureKeyless,
  issue: measureIssue,
  blobs: measureBlobs,
  sbom: measureSbom,
  copy: measureCopy,
  api: measureApi,
  registry: measureRegistry,
};

const show = (value: number, unit: Line["unit"]): string =>
  unit === "bytes" ? String(value) : `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;

const renderTable = (lines: readonly Line[]): string => {
  const rows = [
    ["what", "ours", "theirs", "ratio", "goal", "met", "note"],
    ...lines.map((line) => [
      line.name,
      show(line.ours, line.unit),
      show(line.theirs, line.unit),
      `${line.ratio.toFixed(2)}x`,
      `${line.kind === "faster" ? ">=" : "<="} ${line.goal}x`,
      isMet(line) ? "yes" : "NO",
      line.note,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in MEASUREMENTS));
if (unknown === undefined) {
  using workspace = openWorkspace();
  const lines: Line[] = [];
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`measuring ${name}\n`);
    lines.push(...(await measure(workspace)));
  }
  process.stdout.write(`${renderTable(lines)}\n\n`);
  process.stdout.write(
    `${JSON.stringify({ node: process.version, lines: lines.map((line) => ({ ...line, met: isMet(line) })) })}\n`,
  );
} else {
  process.stderr.write(`unknown measurement ${unknown}; there are: ${Object.keys(MEASUREMENTS).join(", ")}\n`);
  process.exitCode = 2;
}
