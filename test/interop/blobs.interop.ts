import { createReadStream, createWriteStream, readFileSync, statSync, writeFileSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmptyRoot } from "./cosign.ts";
import { peer } from "./peers.ts";
import { run, succeeded } from "./run.ts";
import type { Outcome } from "./run.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Signed files, both ways with real cosigns: Sigstore bundles, cosign 2's bundle file, bare signatures and envelopes.

const KEYS = join(process.cwd(), "../shared/data/papers/keys");
const workspace = openWorkspace();
const env = { ...workspace.env, COSIGN_PASSWORD: "correct horse" };
const emptyRoot = workspace.path("empty-root.json");
const blob = workspace.path("report.bin");
const other = workspace.path("other.bin");
const predicate = workspace.path("sbom.json");

type Form = "bundle" | "local" | "bare";

/** One version of cosign with one form of paper, and the switches that this takes. */
interface Way {
  readonly name: "cosign223" | "cosign2" | "cosign3";
  readonly form: Form;
  readonly write: readonly string[];
  readonly read: readonly string[];
}

const LEGACY3 = ["--use-signing-config=false", "--new-bundle-format=false"];
const WAYS: readonly Way[] = [
  { name: "cosign223", form: "bare", write: [], read: [] },
  { name: "cosign223", form: "local", write: [], read: [] },
  { name: "cosign2", form: "bare", write: [], read: [] },
  { name: "cosign2", form: "local", write: [], read: [] },
  {
    name: "cosign2",
    form: "bundle",
    write: ["--new-bundle-format=true"],
    read: ["--new-bundle-format=true", "--trusted-root", emptyRoot],
  },
  { name: "cosign3", form: "bare", write: LEGACY3, read: ["--new-bundle-format=false"] },
  { name: "cosign3", form: "local", write: LEGACY3, read: ["--new-bundle-format=false"] },
  { name: "cosign3", form: "bundle", write: ["--use-signing-config=false"], read: [] },
];

// cosign wants to be told the hash of P-384 and P-521.
const DIGEST_FLAG: Readonly<Record<string, string>> = { p384: "sha384", p521: "sha512" };
// cosign 2.6.1 crashes when it signs a file with Ed25519.
const KINDS = ["p256", "p384", "p521", "rsa2048", "rsa4096", "ed25519"] as const;
type Kind = (typeof KINDS)[number];

const cosign = (way: Way, verb: string, args: readonly string[]): Promise<Outcome> =>
  run(peer(way.name), [verb, ...args], { env, cwd: workspace.path() });

const writeArgs = (form: Form, paper: string): readonly string[] =>
  form === "bare" ? ["--output-signature", paper] : ["--bundle", paper];
const readArgs = (form: Form, paper: string): readonly string[] =>
  form === "bare" ? ["--signature", paper] : ["--bundle", paper];
const ours = (form: Form): readonly string[] => (form === "local" ? ["--new-bundle-format=false"] : []);

const digestFlag = (kind: string): readonly string[] => {
  const hash = DIGEST_FLAG[kind];
  return hash === undefined ? [] : ["--signature-digest-algorithm", hash];
};

/** Every kind of key with what is written today; two with what only old files are. */
const kindsOf = ({ name, form }: Way): readonly Kind[] =>
  (name === "cosign3" && form !== "local") || form === "bundle" ? KINDS : ["p256", "ed25519"];
const canWrite = (way: Way, kind: Kind): boolean => !(kind === "ed25519" && way.name === "cosign2");

beforeAll(async () => {
  await createEmptyRoot(workspace, emptyRoot);
  writeFileSync(blob, "a report, signed as it is\n");
  writeFileSync(other, "another report\n");
  writeFileSync(predicate, '{"bomFormat":"CycloneDX","specVersion":"1.5","version":1}');
}, 60_000);

afterAll(() => workspace[Symbol.dispose]());

describe.each(WAYS)("$name, $form", (way) => {
  const paper = (name: string): string => workspace.path(`${way.name}-${way.form}-${name}`);
  const theirSign = ["--tlog-upload=false", "-y", ...way.write];
  const theirCheck = ["--insecure-ignore-tlog=true", ...way.read];

  it.each(kindsOf(way))("verifies files that waybill signs: %s", async (kind) => {
    const written = paper(`ours-${kind}`);
    const key = ["--key", join(KEYS, `${kind}.key`)];
    await waybillDone(["sign-blob", ...key, ...ours(way.form), ...writeArgs(way.form, written), blob], { env });
    const check = ["--key", join(KEYS, `${kind}.pub`), ...theirCheck, ...digestFlag(kind)];
    const verified = succeeded(await cosign(way, "verify-blob", [...check, ...readArgs(way.form, written), blob]));
    expect(verified.stderr).toContain("Verified OK");
    expect((await cosign(way, "verify-blob", [...check, ...readArgs(way.form, written), other])).code).not.toBe(0);
  });

  it.each(kindsOf(way).filter((kind) => canWrite(way, kind)))("signs files that waybill verifies: %s", async (kind) => {
    const written = paper(`theirs-${kind}`);
    const key = ["--key", join(KEYS, `${kind}.key`)];
    succeeded(await cosign(way, "sign-blob", [...key, ...theirSign, ...writeArgs(way.form, written), blob]));
    const check = ["verify-blob", "--key", join(KEYS, `${kind}.pub`), ...readArgs(way.form, written)];
    expect((await waybillDone([...check, blob], { env })).stderr).toContain("Verified OK");
    expect((await waybill([...check, other], { env })).code).toBe(1);
    const foreign = ["verify-blob", "--key", join(KEYS, "cosign3.pub"), ...readArgs(way.form, written)];
    expect((await waybill([...foreign, blob], { env })).code).toBe(1);
  });

  const about = ["--predicate", predicate, "--type", "cyclonedx"];
  const signer = ["--key", join(KEYS, "p256.key")];
  const checker = ["--key", join(KEYS, "p256.pub"), "--type", "cyclonedx"];

  const attest = (written: string): Promise<Outcome> =>
    waybillDone(["attest-blob", ...signer, ...about, ...ours(way.form), ...writeArgs(way.form, written), blob], {
      env,
    });

  // cosign takes no envelope out of its own old bundle file without --signature.
  it.each(way.form === "local" ? [] : [way.form])(
    "verifies statements about files that waybill signs: %s",
    async () => {
      const written = paper("read-statement");
      await attest(written);
      const check = [...checker, ...theirCheck, ...readArgs(way.form, written)];
      const verified = succeeded(await cosign(way, "verify-blob-attestation", [...check, blob]));
      expect(verified.stderr).toContain("Verified OK");
      expect((await cosign(way, "verify-blob-attestation", [...check, other])).code).not.toBe(0);
    },
  );

  it("signs statements about files that waybill verifies as its own", async () => {
    const [mine, yours] = [paper("our-statement"), paper("their-statement")];
    await attest(mine);
    const how = [...theirSign, ...about, ...writeArgs(way.form, yours)];
    succeeded(await cosign(way, "attest-blob", [...signer, ...how, blob]));
    for (const written of [mine, yours]) {
      const asked = ["verify-blob-attestation", ...checker, ...readArgs(way.form, written)];
      await waybillDone([...asked, blob], { env });
      expect((await waybill([...asked, other], { env })).code).toBe(1);
      expect((await waybill([...asked, "--type", "spdxjson", blob], { env })).code).toBe(1);
    }
  });
});

it("signs what is too large to be held so that cosign verifies it", { timeout: 120_000 }, async () => {
  const large = workspace.path("large.bin");
  const file = await open(large, "w");
  // More than is ever kept, and no piece of it like another.
  for (let at = 0; at < 24; at++) await file.write(Buffer.alloc(1024 * 1024, `piece ${at};`));
  await file.close();
  for (const kind of ["p256", "p384", "p521", "rsa2048"]) {
    const bundle = workspace.path(`large-${kind}.json`);
    await waybillDone(["sign-blob", "--key", join(KEYS, `${kind}.key`), "--bundle", bundle, large], { env });
    const check = ["verify-blob", "--key", join(KEYS, `${kind}.pub`), "--bundle", bundle];
    succeeded(
      await run(peer("cosign3"), [...check, "--insecure-ignore-tlog=true", ...digestFlag(kind), large], { env }),
    );
    await waybillDone([...check, large], { env });
    await waybillDone([...check, "-"], { env, input: readFileSync(large) });
  }
  const cut = workspace.path("cut.bin");
  await pipeline(createReadStream(large, { end: statSync(large).size - 2 }), createWriteStream(cut));
  const check = ["verify-blob", "--key", join(KEYS, "p256.pub"), "--bundle", workspace.path("large-p256.json")];
  expect((await waybill([...check, cut], { env })).code).toBe(1);
  await rm(large);
});
