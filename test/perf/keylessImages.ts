import { fail } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { writeBundleManifest } from "#claims/bundleManifest.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeSignatureStatement } from "#claims/statement.ts";
import { parseDigest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { peer } from "../interop/peers.ts";
import { openRawRepository, sha256 } from "../interop/rawRegistry.ts";
import { startRealRegistry } from "../interop/realRegistry.ts";
import { run, succeed, succeeded } from "../interop/run.ts";
import { WAYBILL_ENV, waybillCommand, waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { startKeylessSigner } from "./keylessSigner.ts";
import type { KeylessSigner } from "./keylessSigner.ts";
import { compare, compareCosts } from "./measure.ts";
import type { Line } from "./measure.ts";
import { pushImages } from "./pushImages.ts";

const IMAGES = 1000;
// The registry reads all of a repository's index for each request, so that one of a thousand images would be all that is measured.
const REPOSITORIES = 50;
// Each is a process of its own, so that a tenth of them takes a tenth of the time.
const THEIR_SHARE = 10;
const RUNS = 3;

const LOOP = 'while read -r image; do "$@" "$image" || exit 1; done';

/**
 * `waybill verify` of 1000 images in one process against one cosign process after the other, and of one image in whole
 * processes. cosign must say yes to every signature that it is given: they are as good as its own.
 */
export const measureKeylessImages = async (workspace: Workspace): Promise<readonly Line[]> => {
  await using signer = await startKeylessSigner();
  await using registry = await startRealRegistry(workspace, "olareg");
  const references: string[] = [];
  for (let repository = 0; repository < REPOSITORIES; repository++)
    references.push(...(await pushImages(`${registry.host}/perf/keyless${repository}`, IMAGES / REPOSITORIES)));
  for (const [index, reference] of references.entries()) await signImage(signer, reference, index % 2 === 0);
  const root = workspace.path("keyless_root.json");
  writeFileSync(root, signer.trustedRoot);
  const flags = ["--trusted-root", root, "--certificate-identity", signer.identity];
  const asked = ["verify", ...flags, "--certificate-oidc-issuer", signer.issuer];
  return [await measureMany(workspace, references, asked), await measureOne(workspace, references[0] ?? "", asked)];
};

const signImage = async (signer: KeylessSigner, reference: string, isV1: boolean): Promise<void> => {
  const [name = "", text = ""] = reference.split("@");
  const digest = parseDigest(text);
  const repository = openRawRepository(name);
  const image = (await repository.readManifest(digest)) ?? fail(`${reference} is not there`);
  const statement = writeSignatureStatement({ digest, annotations: {} });
  const bytes = await signer.sign(statement, isV1 ? "v1" : "v2");
  const written = await repository.writeBlob(bytes);
  await repository.writeBlob(Buffer.from("{}"));
  const manifest = writeBundleManifest({
    bundle: { digest: parseDigest(written.digest), size: written.size },
    predicateType: SIGNATURE_TYPE,
    subject: { mediaType: image.mediaType, digest, size: image.bytes.byteLength },
  });
  await repository.writeManifest(sha256(manifest.bytes), { mediaType: MEDIA_TYPE.ociManifest, bytes: manifest.bytes });
};

const measureMany = async (
  { env }: Workspace,
  references: readonly string[],
  asked: readonly string[],
): Promise<Line> => {
  const lines = references.map((reference) => `${reference}\n`);
  const some = lines.filter((_, index) => index % THEIR_SHARE < 2).slice(0, IMAGES / THEIR_SHARE);
  const timeoutMs = 300_000;
  const result = await compare(
    RUNS,
    async () => {
      await waybillDone([...asked, "--quiet", "-"], { env, input: lines.join(""), timeoutMs });
    },
    async () => {
      const input = some.join("");
      await succeed("bash", ["-c", LOOP, "loop", peer("cosign3"), ...asked], { env, input, timeoutMs });
    },
  );
  return {
    name: `verify ${IMAGES} keyless images against cosign 3.1.2`,
    ours: result.ours,
    theirs: result.theirs * THEIR_SHARE,
    unit: "ms",
    kind: "faster",
    ratio: THEIR_SHARE / result.oursToTheirs,
    goal: 12,
    note: `half Rekor v1, half v2; cosign: ${some.length} processes, times ${THEIR_SHARE}; no cache on either side; registry: olareg`,
  };
};

const ONE_RUNS = 9;

const measureOne = async ({ env }: Workspace, reference: string, asked: readonly string[]): Promise<Line> => {
  const [program, args] = waybillCommand([...asked, reference]);
  const result = await compareCosts(
    ONE_RUNS,
    () => cpuOf([program, ...args], { ...env, ...WAYBILL_ENV }),
    () => cpuOf([peer("cosign3"), ...asked, reference], env),
  );
  return {
    name: "CPU to verify one keyless image, against cosign 3.1.2",
    ours: result.ours,
    theirs: result.theirs,
    unit: "ms",
    kind: "share",
    ratio: result.oursToTheirs,
    goal: 1.5,
    note: `whole process, user and system; median of ${ONE_RUNS} pairs`,
  };
};

/** Milliseconds of user and system time of a process that must succeed, as the shell counts them. */
const cpuOf = async (command: readonly string[], env: Readonly<Record<string, string>>): Promise<number> => {
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const { stderr } = succeeded(await run("bash", ["-c", script, "cpu", ...command], { env }));
  const [, user, system] = /^cpu ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? fail(`no time in ${stderr}`);
  return (Number(user) + Number(system)) * 1000;
};
