import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRawRepository, sha256 } from "./rawRegistry.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { WAYBILL_ENV, waybillCommand, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

const workspace = openWorkspace();
const { env } = workspace;
const registries = new Map<RegistryKind, RealRegistry>();

beforeAll(async () => {
  for (const kind of ["embedded", "docker-registry"] as const)
    registries.set(kind, await startRealRegistry(workspace, kind));
}, 120_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const hostOf = (kind: RegistryKind): string => registries.get(kind)?.host ?? "";

describe("between registries of two kinds, a layout and archives", () => {
  it(
    "keeps 500 papers over three hops and back, and is finished by a second run when killed",
    { timeout: 280_000 },
    async () => {
      const source = await pushTinyImage(workspace, `${hostOf("embedded")}/stress/app`, "stress");
      const papers = await attachPapers(source.name, source.digest, 500);
      const [dir, archive] = [workspace.path("hop"), workspace.path("hop.tar.zst")];
      const hops = [
        source.name,
        `${hostOf("docker-registry")}/stress/app`,
        `oci:${dir}`,
        `oci:${archive}`,
        `${hostOf("embedded")}/stress/back`,
      ];
      // The first one is killed in the middle, and run again.
      expect(await killedCopy(hops[0] ?? "", hops[1] ?? "", source.digest)).toBeLessThan(papers.length);
      for (const [at, from] of hops.slice(0, -1).entries()) {
        const to = hops[at + 1] ?? "";
        await waybillDone(["copy", "--quiet", `${from}:1.0`, `${to}:1.0`], { env, timeoutMs: 120_000 });
      }
      const listed = async (name: string): Promise<readonly string[]> =>
        (await openRawRepository(name).listReferrers(source.digest)).toSorted();
      expect(await listed(source.name)).toEqual(papers);
      expect(await listed(hops[1] ?? "")).toEqual(papers);
      expect(await listed(hops[4] ?? "")).toEqual(papers);
      for (const digest of papers)
        expect((await openRawRepository(hops[4] ?? "").readManifest(digest))?.bytes).toEqual(
          (await openRawRepository(source.name).readManifest(digest))?.bytes,
        );
    },
  );
});

/** Ends a copy with SIGKILL once the target lists some papers; how many it lists then. */
const killedCopy = async (from: string, to: string, subject: string): Promise<number> => {
  const [program, args] = waybillCommand(["copy", "--quiet", `${from}:1.0`, `${to}:1.0`]);
  const target = openRawRepository(to);
  const copy = spawn(program, args, { env: { ...process.env, ...env, ...WAYBILL_ENV }, stdio: "ignore" });
  const ended = new Promise((resolve) => copy.once("close", resolve));
  while (copy.exitCode === null && (await target.listReferrers(subject)).length === 0) await sleep(20);
  copy.kill("SIGKILL");
  await ended;
  expect(copy.signalCode).toBe("SIGKILL");
  expect(await target.readManifest("1.0")).toBe(undefined);
  return (await target.listReferrers(subject)).length;
};

const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Pushes referrers that differ in one blob each; their digests in order. */
const attachPapers = async (name: string, subject: string, count: number): Promise<readonly string[]> => {
  const repository = openRawRepository(name);
  const { bytes, mediaType } = (await repository.readManifest(subject)) ?? { bytes: Buffer.alloc(0), mediaType: "" };
  const config = { mediaType: "application/vnd.oci.empty.v1+json", ...(await repository.writeBlob(Buffer.from("{}"))) };
  const digests: string[] = [];
  for (let at = 0; at < count; at++) {
    const layer = { mediaType: "text/plain", ...(await repository.writeBlob(Buffer.from(`paper ${at}`))) };
    const body = { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: "text/paper", config, layers: [layer] };
    const paper = Buffer.from(JSON.stringify({ ...body, subject: { mediaType, digest: subject, size: bytes.length } }));
    const digest = sha256(paper);
    await repository.writeManifest(digest, { mediaType: OCI_MANIFEST, bytes: paper });
    digests.push(digest);
  }
  return digests.toSorted();
};
