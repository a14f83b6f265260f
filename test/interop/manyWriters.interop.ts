import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, createEmptyRoot, openCosign } from "./cosign.ts";
import type { CosignWay, Form } from "./cosign.ts";
import { openRawRepository, sha256 } from "./rawRegistry.ts";
import { startRecordingProxy } from "./recordingProxy.ts";
import type { RecordedWrite } from "./recordingProxy.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry, RegistryKind } from "./realRegistry.ts";
import { pushTinyImage } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Sixteen processes at a time write to one `.sig` tag and, where there is no referrers API, to one fallback tag; olareg
// 0.1.2 forgets referrers that arrive together, whoever sends them. Nothing may be lost. WAYBILL_WRITER_ROUNDS says how
// often: twenty rounds take half an hour on two cores.
const KINDS = ["embedded", "olareg", "docker-registry"] as const;
const ROUNDS = Number(process.env["WAYBILL_WRITER_ROUNDS"] ?? 3);

const WRITERS = 16;
const MIXED = 8;
const names = Array.from({ length: WRITERS }, (_, index) => `writer-${index}`);
const workspace = openWorkspace();
const registries = new Map<RegistryKind, RealRegistry>();
const emptyRoot = workspace.path("empty-root.json");

beforeAll(async () => {
  for (const kind of KINDS) registries.set(kind, await startRealRegistry(workspace, kind));
  await Promise.all(
    names.map((name) =>
      waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path(name)], { env: workspace.env }),
    ),
  );
  await createEmptyRoot(workspace, emptyRoot);
}, 120_000);

afterAll(async () => {
  for (const registry of registries.values()) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const signWith = (name: string, image: PushedImage, storage: string) =>
  waybill(["sign", "--key", `${workspace.path(name)}.key`, "--storage", storage, "-y", image.reference], {
    env: workspace.env,
    timeoutMs: 150_000,
  });

const countLayers = async (image: PushedImage): Promise<number> => {
  const legacy = await openRawRepository(image.name).readManifest(`${image.digest.replace(":", "-")}.sig`);
  const { layers } = JSON.parse(Buffer.from(legacy?.bytes ?? "").toString()) as { readonly layers: readonly object[] };
  return layers.length;
};

const countReferrers = async (image: PushedImage): Promise<number> =>
  new Set(await openRawRepository(image.name).listReferrers(image.digest)).size;

describe.each(KINDS)("on %s", (kind) => {
  it(
    `keeps all signatures of 16 parallel processes, in both forms, ${ROUNDS} times`,
    { timeout: 180_000 * ROUNDS },
    async () => {
      const found: object[] = [];
      const whole: object[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const image = await pushTinyImage(workspace, `${registries.get(kind)?.host}/many/writers${round}`, kind);
        const outcomes = await Promise.all(names.map((name) => signWith(name, image, "both")));
        expect(outcomes.filter((outcome) => outcome.code !== 0)).toEqual([]);
        found.push({ round, legacy: await countLayers(image), bundles: await countReferrers(image) });
        whole.push({ round, legacy: WRITERS, bundles: WRITERS });
        if (round > 0) continue;
        for (const name of names)
          await waybillDone(["verify", "--key", `${workspace.path(name)}.pub`, image.reference], {
            env: workspace.env,
          });
      }
      expect(found).toEqual(whole);
    },
  );
});

const cosignWay = (form: Form): CosignWay => {
  const [way] = COSIGN_WAYS.filter((one) => one.name === "cosign3" && one.form === form);
  if (way === undefined) throw new Error(`cosign3 has no ${form}`);
  return way;
};

/** Eight Waybill and eight cosign processes sign at the same moment; answers which of them ended well. */
const signMixed = async (image: PushedImage, form: Form): Promise<readonly boolean[]> => {
  const cosign = openCosign(workspace, cosignWay(form), emptyRoot);
  const outcomes = await Promise.all(
    names.map((name, index) =>
      index < MIXED
        ? signWith(name, image, form)
        : cosign.sign({ key: `${workspace.path(name)}.key`, reference: image.reference }),
    ),
  );
  return outcomes.map(({ code }) => code === 0);
};

it(
  `loses no bundle among writers of cosign's on the embedded registry, ${ROUNDS} times`,
  { timeout: 180_000 * ROUNDS },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const image = await pushTinyImage(workspace, `${registries.get("embedded")?.host}/mixed/r${round}`, "mixed");
      expect(await signMixed(image, "bundle")).toEqual(names.map(() => true));
      expect(await countReferrers(image)).toBe(WRITERS);
    }
  },
);

const layersIn = (manifest: Buffer): readonly string[] =>
  (JSON.parse(manifest.toString()) as { readonly layers: readonly object[] }).layers.map((layer) =>
    JSON.stringify(layer),
  );

/** The writes of ours that took away something that was under the tag, or were made without a condition that forbids it. */
const undoing = (writes: readonly RecordedWrite[]): readonly RecordedWrite[] => {
  const layersOf = new Map(writes.map(({ body }) => [`"${sha256(body)}"`, layersIn(body)]));
  return writes.filter(({ headers, body }) => {
    if (headers["user-agent"]?.includes("waybill/") !== true || headers["if-none-match"] === "*") return false;
    const before = layersOf.get(headers["if-match"] ?? "");
    const after = new Set(layersIn(body));
    return before === undefined || !before.every((layer) => after.has(layer));
  });
};

it(
  "undoes nothing of what cosign writes under the same tag at the same moment",
  { timeout: 180_000 * ROUNDS },
  async () => {
    let [ours, sent, kept, all] = [0, 0, 0, 0];
    await using proxy = await startRecordingProxy(registries.get("embedded")?.host ?? "");
    for (let round = 0; round < ROUNDS; round++) {
      const image = await pushTinyImage(workspace, `${proxy.host}/tags/r${round}`, "tags");
      const before = proxy.writes.length;
      const ended = await signMixed(image, "legacy");
      const writes = proxy.writes.slice(before).filter(({ path }) => path.endsWith(".sig"));
      expect(undoing(writes)).toEqual([]);
      // Each signature of ours was there, and so is gone only where cosign has written since.
      const seen = new Set(writes.flatMap(({ body }) => layersIn(body)));
      expect(seen.size).toBe(WRITERS);
      all += ended.filter(Boolean).length;
      kept += await countLayers(image);
      for (const name of names.filter((_, index) => index < MIXED && ended[index] === true)) {
        sent++;
        const verify = ["verify", "--key", `${workspace.path(name)}.pub`, image.reference];
        if ((await waybill(verify, { env: workspace.env })).code === 0) ours++;
      }
    }
    process.stderr.write(
      `a tag shared with cosign: ${kept} of ${all} signatures kept, ${ours} of ${sent} of Waybill's\n`,
    );
  },
);
