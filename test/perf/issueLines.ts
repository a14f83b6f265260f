import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { peer } from "../interop/peers.ts";
import { startRealRegistry } from "../interop/realRegistry.ts";
import { succeed } from "../interop/run.ts";
import { waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";

const RUNS = 5;
const IMAGE = "debian-node";
const LAYOUT = join(process.cwd(), "../shared/data/images/layout");

// What people run today for the same three papers, one after the other.
const SCRIPT = `set -e
"$SYFT" -q "registry:$IMAGE" -o cyclonedx-json > "$OUT"
"$COSIGN" sign --key "$KEY" --use-signing-config=false --tlog-upload=false -y "$IMAGE"
"$COSIGN" attest --key "$KEY" --use-signing-config=false --tlog-upload=false -y --type cyclonedx --predicate "$OUT" "$IMAGE"
"$COSIGN" attest --key "$KEY" --use-signing-config=false --tlog-upload=false -y --type slsaprovenance1 --predicate "$PROVENANCE" "$IMAGE"
`;

/** `waybill issue` of an image without papers against syft, cosign sign and two cosign attest. */
export const measureIssue = async (workspace: Workspace): Promise<readonly Line[]> => {
  await using registry = await startRealRegistry(workspace, "olareg");
  const key = workspace.path("issue");
  const provenance = workspace.path("provenance.json");
  const { env } = workspace;
  await waybillDone(["generate-key-pair", "--output-key-prefix", key], { env });
  writeFileSync(
    provenance,
    '{"buildDefinition":{"buildType":"https://example.com/build@v1","externalParameters":{}},"runDetails":{"builder":{"id":"https://example.com/builder"}}}',
  );
  const names = Array.from({ length: RUNS }, (_, index) =>
    ["ours", "theirs"].map((side) => `${registry.host}/${side}/${index}`),
  ).flat();
  for (const name of names) {
    const args = ["copy", "--quiet", "--dest-tls-verify=false", `oci:${LAYOUT}:${IMAGE}`, `docker://${name}:1.0`];
    await succeed(peer("skopeo"), args, { env });
  }
  const resolve = (side: string, run: number): string => `${registry.host}/${side}/${run}:1.0`;
  const ours = async (run: number): Promise<void> => {
    const flags = ["--quiet", "--key", `${key}.key`, "--provenance", provenance, "--storage", "bundle", "-y"];
    await waybillDone(["issue", ...flags, resolve("ours", run)], { env });
  };
  const theirs = async (run: number): Promise<void> => {
    const settings = {
      SYFT: peer("syft"),
      COSIGN: peer("cosign3"),
      KEY: `${key}.key`,
      OUT: workspace.path("syft.json"),
      PROVENANCE: provenance,
      IMAGE: resolve("theirs", run),
      SYFT_REGISTRY_INSECURE_USE_HTTP: "true",
      SYFT_CHECK_FOR_APP_UPDATE: "false",
    };
    await succeed("bash", ["-c", SCRIPT], { env: { ...env, ...settings }, timeoutMs: 180_000 });
  };
  const result = await compare(RUNS, ours, theirs);
  return [
    {
      name: "issue against syft + cosign sign + 2x attest",
      ours: result.ours,
      theirs: result.theirs,
      unit: "ms",
      kind: "faster",
      ratio: 1 / result.oursToTheirs,
      goal: 4,
      note: `${IMAGE}, bundles, ours read back and verified`,
    },
  ];
};
