import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, createEmptyRoot, generateCosignKey, openCosign } from "./cosign.ts";
import { peer } from "./peers.ts";
import { REGISTRY_KINDS, startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { run, succeed, succeeded } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// What lies in files, both ways with every cosign, and what --replace leaves on registries that delete.

const workspace = openWorkspace();
const emptyRoot = workspace.path("empty-root.json");
const key = workspace.path("key");
const SAME = { env: workspace.env };
const LEGACY_WAYS = COSIGN_WAYS.filter(({ form }) => form === "legacy");
const registries = new Map<string, RealRegistry>();

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  const [way] = LEGACY_WAYS;
  if (way === undefined) throw new TypeError("no cosign");
  await generateCosignKey(workspace, way, "key");
  for (const kind of REGISTRY_KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
}, 60_000);
afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const hostOf = (kind: string): string => registries.get(kind)?.host ?? "";

describe.each(LEGACY_WAYS)("a signature in files and $name", (way) => {
  it("is verified by the other", { timeout: 60_000 }, async () => {
    const { reference, digest, name } = await pushTinyImage(
      workspace,
      `${hostOf("embedded")}/loose/${way.name}`,
      way.name,
    );
    const [ours, theirs] = [workspace.path(`${way.name}-ours`), workspace.path(`${way.name}-theirs`)];
    const files = (at: string) => ["--output-signature", `${at}.sig`, "--output-payload", `${at}.json`];
    await waybillDone(["sign", "--key", `${key}.key`, "--upload=false", ...files(ours), reference], SAME);
    await succeed(
      peer(way.name),
      [
        "sign",
        "--key",
        `${key}.key`,
        "--tlog-upload=false",
        "-y",
        "--upload=false",
        ...way.write,
        ...files(theirs),
        `${name}@${digest}`,
      ],
      SAME,
    );
    const loose = (at: string) => ["--key", `${key}.pub`, "--signature", `${at}.sig`, "--payload", `${at}.json`];
    const asCosign = ["verify", "--insecure-ignore-tlog=true", ...way.read(emptyRoot)];
    await succeed(peer(way.name), [...asCosign, ...loose(ours), reference], SAME);
    await waybillDone(["verify", ...loose(theirs), reference], SAME);
    await writeFile(`${ours}.sig`, readFileSync(`${theirs}.sig`));
    await writeFile(`${ours}.json`, readFileSync(`${ours}.json`, "utf8").replace("null", '{"more":"1"}'));
    expect((await waybill(["verify", ...loose(ours), reference], SAME)).code).toBe(1);
    expect((await run(peer(way.name), [...asCosign, ...loose(ours), reference], SAME)).code).not.toBe(0);
  });
});

describe.each(REGISTRY_KINDS)("attest --replace on %s", (kind) => {
  it(
    "leaves what every cosign finds: the new one alone, or says that nothing is deleted",
    { timeout: 120_000 },
    async () => {
      const { reference } = await pushTinyImage(workspace, `${hostOf(kind)}/replaced/app`, kind);
      const attest = async (year: number, more: readonly string[]) => {
        const file = workspace.path(`${kind}-${year}.json`);
        await writeFile(
          file,
          JSON.stringify({ bomFormat: "CycloneDX", metadata: { timestamp: `${year}-01-01T00:00:00Z` } }),
        );
        return waybill(
          ["attest", "--key", `${key}.key`, "--type", "cyclonedx", "--predicate", file, ...more, reference],
          SAME,
        );
      };
      succeeded(await attest(2024, []));
      const replaced = await attest(2025, ["--replace", "--sbom-referrer"]);
      // olareg deletes nothing unless it is told to.
      const deletes = kind !== "olareg";
      expect([replaced.code, /REGISTRY_REFUSED/.test(replaced.stderr)]).toEqual(deletes ? [0, false] : [6, true]);
      for (const way of COSIGN_WAYS) {
        const cosign = openCosign(workspace, way, emptyRoot);
        const { stdout } = succeeded(await cosign.verifyAttestation({ key: `${key}.pub`, reference }, "cyclonedx"));
        const years = stdout
          .split("\n")
          .filter((line) => line.startsWith("{"))
          .map(
            (line) =>
              /"timestamp": ?"(\d+)/.exec(
                Buffer.from((JSON.parse(line) as { payload: string }).payload, "base64").toString(),
              )?.[1],
          );
        expect(new Set(years), `${way.name} ${way.form}`).toEqual(
          new Set(deletes || way.form === "legacy" ? ["2025"] : ["2024", "2025"]),
        );
      }
    },
  );
});
