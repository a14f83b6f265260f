import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COSIGN_WAYS, createEmptyRoot, openCosign } from "./cosign.ts";
import type { CosignWay } from "./cosign.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { succeeded } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Keys other than P-256, made by openssl and imported by cosign. cosign signs with the hash of the curve and verifies with
// SHA-256, and signs Ed25519ph and verifies pure Ed25519: it cannot read all of its own. We read both, and write what it can.

const KEYS = join(process.cwd(), "../shared/data/papers/keys");
const KINDS = ["ed25519", "p384", "p521", "rsa2048", "rsa4096"] as const;
const NEWEST: CosignWay = { name: "cosign3", form: "bundle", write: ["--use-signing-config=false"], read: () => [] };
const DIGEST_FLAG: Readonly<Record<string, string>> = { p384: "sha384", p521: "sha512" };

const workspace = openWorkspace();
const env = { ...workspace.env, COSIGN_PASSWORD: "correct horse" };
const emptyRoot = workspace.path("empty-root.json");
const open: RealRegistry[] = [];

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  open.push(await startRealRegistry(workspace, "embedded"));
}, 60_000);

afterAll(async () => {
  for (const registry of open) await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

describe.each(COSIGN_WAYS)("$name, $form form", (way) => {
  const cosign = openCosign(workspace, way, emptyRoot);

  it.each(KINDS)("verifies what waybill signs with %s", { timeout: 60_000 }, async (kind) => {
    const image = await pushTinyImage(workspace, `${open[0]?.host}/${way.name}/${way.form}/ours-${kind}`, kind);
    const storage = ["--storage", way.form, "-y"];
    await waybillDone(["sign", "--key", join(KEYS, `${kind}.key`), ...storage, image.reference], { env });
    const digest = DIGEST_FLAG[kind];
    const more = digest === undefined ? [] : ["--signature-digest-algorithm", digest];
    const verified = succeeded(
      await cosign.verify({ key: join(KEYS, `${kind}.pub`), reference: image.reference, more }),
    );
    expect(verified.stdout).toContain(image.digest);
  });

  it.each(KINDS)(
    "signs with %s what waybill verifies, and nobody else's key does",
    { timeout: 60_000 },
    async (kind) => {
      const image = await pushTinyImage(workspace, `${open[0]?.host}/${way.name}/${way.form}/theirs-${kind}`, kind);
      succeeded(await cosign.sign({ key: join(KEYS, `${kind}.key`), reference: image.reference, env }));
      await waybillDone(["verify", "--key", join(KEYS, `${kind}.pub`), image.reference], { env });
      const foreign = await waybill(["verify", "--key", join(KEYS, "p256.pub"), image.reference], { env });
      expect(foreign.code).toBe(1);
    },
  );
});

describe("import-key-pair", () => {
  it.each(["p256", ...KINDS])(
    "turns openssl's %s into a key that cosign signs with",
    { timeout: 60_000 },
    async (kind) => {
      const prefix = workspace.path(`imported-${kind}`);
      await waybillDone(["import-key-pair", "--key", join(KEYS, `${kind}.pem`), "--output-key-prefix", prefix], {
        env,
      });
      const image = await pushTinyImage(workspace, `${open[0]?.host}/imported/${kind}`, kind);
      const cosign = openCosign(workspace, NEWEST, emptyRoot);
      succeeded(await cosign.sign({ key: `${prefix}.key`, reference: image.reference, env }));
      const verified = await waybillDone(["verify", "--key", join(KEYS, `${kind}.pub`), image.reference], { env });
      expect(verified.stdout).toContain(image.digest);
    },
  );
});
