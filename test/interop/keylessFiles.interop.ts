import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openKeylessBench } from "./keylessBench.ts";
import type { KeylessBench } from "./keylessBench.ts";
import { succeeded } from "./run.ts";
import { waybill } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// cosign 2's bundle file of a keyless signature, by a trusted root and by the single keys that cosign's variables name.

const workspace = openWorkspace();
const file = workspace.path("report.bin");
const bundle = workspace.path("old.json");
let bench: KeylessBench;

beforeAll(async () => {
  writeFileSync(file, "what is signed");
  bench = await openKeylessBench(workspace);
  const flags = await bench.legacy("cosign2");
  succeeded(await bench.cosign("cosign2", "sign-blob", ...flags, "--bundle", bundle, file));
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

it("an old bundle file verifies by a trusted root, as with cosign", async () => {
  const verify = ["verify-blob", "--bundle", bundle, ...bench.identity(), file];
  const { stderr } = succeeded(await bench.check(...verify, ...bench.trust));
  expect(stderr).toMatch(/^log: .*\/rekor, entry \d+ \(hashedrekord 0\.0\.1\), promise/m);
  succeeded(await bench.cosign("cosign2", ...verify));
  const other = ["verify-blob", "--bundle", bundle, ...bench.identity(), bundle];
  expect((await bench.check(...other, ...bench.trust)).code).toBe(1);
  expect((await bench.cosign("cosign2", ...other)).code).not.toBe(0);
});

it("and by cosign's variables, each of which counts", async () => {
  const save = async (name: string, path: string): Promise<string> => {
    writeFileSync(workspace.path(name), await (await fetch(`${bench.sigstore.url}${path}`)).text());
    return workspace.path(name);
  };
  const { ctlogs } = JSON.parse(readFileSync(bench.sigstore.file("trusted_root.json"), "utf8"));
  const ct = workspace.path("ct.pub");
  writeFileSync(ct, `-----BEGIN PUBLIC KEY-----\n${ctlogs[0].publicKey.rawBytes}\n-----END PUBLIC KEY-----\n`);
  const rekor = await save("rekor.pub", "/rekor/api/v1/log/publicKey");
  const variables = {
    SIGSTORE_ROOT_FILE: await save("fulcio.pem", "/fulcio/api/v1/rootCert"),
    SIGSTORE_REKOR_PUBLIC_KEY: rekor,
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: ct,
  };
  const verify = (more: Readonly<Record<string, string>>) =>
    waybill(["verify-blob", "--bundle", bundle, ...bench.identity(), file], {
      env: { ...workspace.env, ...variables, ...more },
    });
  expect(succeeded(await verify({})).stderr).toContain("trusted root: the given files, of unknown age\n");
  const wrongLog = await verify({ SIGSTORE_REKOR_PUBLIC_KEY: ct });
  expect([wrongLog.code, wrongLog.stderr]).toEqual([1, expect.stringContaining("which is not trusted")]);
  expect((await verify({ SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: rekor })).code).toBe(1);
});
