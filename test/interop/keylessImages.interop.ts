import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDevSigstoreProgram } from "./devSigstore.ts";
import type { DevSigstoreProgram } from "./devSigstore.ts";
import { EMAIL, openKeylessBench } from "./keylessBench.ts";
import type { CosignName, KeylessBench } from "./keylessBench.ts";
import { succeeded } from "./run.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Whatever cosign signs by the local Sigstore, the built program verifies, and says no where cosign does.

const workspace = openWorkspace();
const predicate = workspace.path("predicate.json");
const key = workspace.path("cosign.key");
const publicKey = workspace.path("cosign.pub");

let bench: KeylessBench;
let stranger: DevSigstoreProgram;

beforeAll(async () => {
  writeFileSync(predicate, `{"made":"by hand"}`);
  bench = await openKeylessBench(workspace);
  stranger = await startDevSigstoreProgram(workspace, "stranger");
  await waybillDone(["generate-key-pair"], { env: workspace.env, cwd: workspace.path() });
});

afterAll(async () => {
  await stranger.stop();
  await bench[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

const ABOUT = ["--type", "custom", "--predicate", predicate];

/** How a signature comes to be, and how the cosign that made it reads it. */
interface Way {
  readonly name: string;
  readonly cosign: CosignName;
  readonly flags: (verb: "sign" | "attest") => Promise<readonly string[]>;
  readonly read: () => readonly string[];
  /** What the program must say of it. */
  readonly proofs: readonly RegExp[];
}

const bundleWay = (name: string, config: string, ...proofs: readonly RegExp[]): Way => ({
  name,
  cosign: "cosign3",
  flags: () => bench.bundled(config),
  read: () => bench.trust,
  proofs,
});

/** cosign stamps signatures, and attestations as well. */
const legacyWay = (cosign: CosignName): Way => ({
  name: `tags of ${cosign}`,
  cosign,
  flags: async () => [...(await bench.legacy(cosign)), "--timestamp-server-url", bench.timestampServer],
  read: () => bench.readLegacy(cosign),
  proofs: [/^log: .*\/rekor, entry \d+ \(.*0\.0\.\d\), promise/m, /^timestamp: http.*\/tsa/m, /says the log$/m],
});

const WAYS: readonly Way[] = [
  bundleWay(
    "a bundle with Rekor v2 and a timestamp",
    "signing_config.json",
    /^log: .*\/rekor2, entry \d+ \(.*0\.0\.2\), inclusion proof/m,
    /^timestamp: http.*\/tsa/m,
    /says the timestamp$/m,
  ),
  bundleWay(
    "a bundle with Rekor v1",
    "signing_config_rekor_v1.json",
    /^log: .*\/rekor, .*inclusion proof.*, promise/m,
    /^timestamp: absent$/m,
    /says the log$/m,
  ),
  legacyWay("cosign223"),
  legacyWay("cosign2"),
  legacyWay("cosign3"),
];

describe.each(WAYS)("$name", (way) => {
  const signed = `signed-${WAYS.indexOf(way)}`;
  let reference: string;
  const verbs = [
    ["verify", []],
    ["verify-attestation", ["--type", "custom"]],
  ] as const;

  beforeAll(async () => {
    ({ reference } = await bench.push(signed));
    succeeded(await bench.cosign(way.cosign, "sign", ...(await way.flags("sign")), reference));
    succeeded(await bench.cosign(way.cosign, "attest", ...(await way.flags("attest")), ...ABOUT, reference));
  });

  it.each(verbs)("%s says yes, and what proves it", async (verb, type) => {
    succeeded(await bench.cosign(way.cosign, verb, ...type, ...way.read(), ...bench.identity(), reference));
    const asked = bench.sigstore.said();
    const { stderr } = succeeded(await bench.check(verb, ...type, ...bench.trust, ...bench.identity(), reference));
    expect(stderr).toContain(`signer: ${EMAIL}\nissuer: ${bench.sigstore.issuer}\n`);
    for (const proof of way.proofs) expect(stderr).toMatch(proof);
    expect(stderr).toMatch(/^certificate log: .*\/ctlog, /m);
    expect(stderr).toMatch(/^trusted root: .*trusted_root\.json, of .* \(0 days ago\)$/m);
    // A root is given, so that nobody but the registry is asked.
    expect(bench.sigstore.said()).toBe(asked);
  });

  it.each(verbs)("%s says no to everybody else", async (verb, type) => {
    const others: readonly (readonly [flags: readonly string[], reason: RegExp])[] = [
      [[...bench.trust, ...bench.identity("b@example.com")], /is for "a@example\.com"; wanted is "b@example\.com"/],
      [[...bench.trust, ...bench.identity().with(3, "https://other.example")], /issuer is "http:.*wanted is "https:/],
      [["--trusted-root", stranger.file("trusted_root.json"), ...bench.identity()], /its |it is /],
      [["--key", publicKey], /it is signed with a certificate; a trusted key was asked for/],
    ];
    for (const [flags, reason] of others) {
      const [ours, cosigns] = await Promise.all([
        bench.check(verb, ...type, ...flags, reference),
        bench.cosign(way.cosign, verb, ...type, ...way.read(), ...flags, reference),
      ]);
      expect([ours.code, ours.stderr]).toEqual([1, expect.stringMatching(reason)]);
      expect(cosigns.code).not.toBe(0);
    }
  });
});

it.each(["signing_config.json", "legacy"])("copy, save and load take them along, %s", async (form) => {
  const name = `carried-${form.replaceAll(/[^a-z]/g, "-")}`;
  const { reference } = await bench.push(name);
  const flags = () => (form === "legacy" ? bench.legacy("cosign3") : bench.bundled(form));
  succeeded(await bench.cosign("cosign3", "sign", ...(await flags()), reference));
  succeeded(await bench.cosign("cosign3", "attest", ...(await flags()), ...ABOUT, reference));
  const layout = workspace.path(name);
  const [copied, loaded] = [`${bench.host}/copied/${name}:1`, `${bench.host}/loaded/${name}:1`];
  succeeded(await bench.check("copy", reference, copied));
  succeeded(await bench.check("save", copied, "--dir", layout));
  succeeded(await bench.check("load", "--dir", layout, loaded));
  for (const args of [[copied], [`oci:${layout}`], ["--local-image", layout], [loaded]]) {
    const verify = [...bench.trust, ...bench.identity(), ...args];
    expect((await bench.check("verify", "-o", "lines", ...verify)).stdout).toMatch(/^OK-signed /);
    expect((await bench.check("verify-attestation", "--type", "custom", ...verify)).code).toBe(0);
  }
});

describe("by a key, and logged", () => {
  const keyed: readonly (readonly [string, () => readonly string[], readonly RegExp[]])[] = [
    [
      "in Rekor v2, with a timestamp",
      () => ["--signing-config", bench.sigstore.file("signing_config.json"), ...bench.trust],
      [/^log: .*\/rekor2, /m, /^timestamp: http/m],
    ],
    [
      "in Rekor v1",
      () => ["--signing-config", bench.sigstore.file("signing_config_rekor_v1.json"), ...bench.trust],
      [/^log: .*\/rekor, .* promise/m, /^timestamp: absent/m],
    ],
    [
      "as before bundles",
      () => [
        "--new-bundle-format=false",
        "--use-signing-config=false",
        "--rekor-url",
        `${bench.sigstore.url}/rekor`,
        "--timestamp-server-url",
        bench.timestampServer,
      ],
      [/^log: .*\/rekor, .* promise/m, /^timestamp: http/m],
    ],
  ];
  it.each(keyed)("%s", async (name, flags, proofs) => {
    const { reference } = await bench.push(`keyed-${name.replaceAll(/[^a-z0-9]+/g, "-")}`);
    succeeded(await bench.cosign("cosign3", "sign", "-y", "--key", key, ...flags(), reference));
    const demand = ["--key", publicKey, "--insecure-ignore-tlog=false"];
    const { stderr } = succeeded(await bench.check("verify", ...demand, ...bench.trust, reference));
    for (const proof of proofs) expect(stderr).toMatch(proof);
    const plain = succeeded(await bench.check("verify", "--key", publicKey, reference));
    expect(plain.stderr).toContain("log: not checked\ntimestamp: not checked\n");
    const strangers = ["--trusted-root", stranger.file("trusted_root.json")];
    expect((await bench.check("verify", ...demand, ...strangers, reference)).code).toBe(1);
    const stamped = await bench.check(
      "verify",
      "--key",
      publicKey,
      ...bench.trust,
      "--use-signed-timestamps",
      reference,
    );
    expect(stamped.code).toBe(name === "in Rekor v1" ? 1 : 0);
    const asIdentity = await bench.check("verify", ...bench.trust, ...bench.identity(), reference);
    expect([asIdentity.code, asIdentity.stderr]).toEqual([1, expect.stringContaining("a key signed it")]);
  });

  it("and without an entry where one is demanded", async () => {
    const { reference } = await bench.push("keyed-alone");
    const alone = ["--tlog-upload=false", "--use-signing-config=false"];
    succeeded(await bench.cosign("cosign3", "sign", "-y", "--key", key, ...alone, reference));
    const demand = ["verify", "--key", publicKey, "--insecure-ignore-tlog=false", ...bench.trust, reference];
    const { code, stderr } = await bench.check(...demand);
    expect([code, stderr]).toEqual([1, expect.stringContaining("it has no log entry")]);
    expect((await bench.cosign("cosign3", ...demand)).code).not.toBe(0);
  });
});

describe("identities", () => {
  const CLAIMS = {
    trigger: "release",
    sha: "1".repeat(40),
    name: "Release",
    repository: "octo/app",
    ref: "refs/tags/v1",
  };
  const flagsOf = (claims: Readonly<Record<string, string>>) =>
    Object.entries(claims).flatMap(([name, value]) => [`--certificate-github-workflow-${name}`, value]);

  it.each(["signing_config.json", "legacy"])("of runs of GitHub Actions, %s", async (form) => {
    const query = `repository=octo/app&ref=refs/tags/v1&event_name=release&sha=${CLAIMS.sha}&workflow=Release`;
    const { reference } = await bench.push(`workflow-${form.replaceAll(/[^a-z]/g, "-")}`);
    const sign = form === "legacy" ? await bench.legacy("cosign3", query) : await bench.bundled(form, query);
    succeeded(await bench.cosign("cosign3", "sign", ...sign, reference));
    const workflow = "https://github.com/octo/app/.github/workflows/release.yml@refs/tags/v1";
    const verify = [...bench.trust, ...bench.identity(workflow)];
    const read = form === "legacy" ? bench.readLegacy("cosign3") : [];
    succeeded(await bench.cosign("cosign3", "verify", ...read, ...verify, ...flagsOf(CLAIMS), reference));
    const { stdout, stderr } = succeeded(await bench.check("verify", ...verify, ...flagsOf(CLAIMS), reference));
    expect(stderr).toContain("  sourceRepositoryURI: https://github.com/octo/app\n");
    const [{ optional }] = JSON.parse(stdout);
    expect(optional).toMatchObject({ Subject: workflow, Issuer: bench.sigstore.issuer, githubWorkflowName: "Release" });
    for (const name of Object.keys(CLAIMS)) {
      const wrong = [...verify, ...flagsOf({ ...CLAIMS, [name]: "other" }), reference];
      const { code, stderr: reason } = await bench.check("verify", ...wrong);
      expect([code, reason]).toEqual([1, expect.stringContaining(`, not "other"`)]);
      expect((await bench.cosign("cosign3", "verify", ...read, ...wrong)).code).not.toBe(0);
    }
  });

  it("of workloads and of names that are no addresses", async () => {
    for (const [at, subject] of ["spiffe://example.com/builder", "builder"].entries()) {
      const { reference } = await bench.push(`subject-${at}`);
      const sign = await bench.bundled("signing_config.json", `subject=${subject}`);
      succeeded(await bench.cosign("cosign3", "sign", ...sign, reference));
      const name = subject === "builder" ? "builder!127.0.0.1" : subject;
      const verify = ["verify", ...bench.trust, ...bench.identity(name), reference];
      succeeded(await bench.cosign("cosign3", ...verify));
      expect(succeeded(await bench.check(...verify)).stderr).toContain(`signer: ${name}\n`);
    }
  });

  it("by patterns that match the whole name", async () => {
    const { reference } = await bench.push("patterns");
    succeeded(await bench.cosign("cosign3", "sign", ...(await bench.bundled("signing_config.json")), reference));
    const verify = (pattern: string) => [
      "verify",
      ...bench.trust,
      "--certificate-identity-regexp",
      pattern,
      "--certificate-oidc-issuer",
      bench.sigstore.issuer,
      reference,
    ];
    succeeded(await bench.check(...verify(".*@example[.]com")));
    const { code, stderr } = await bench.check(...verify("example"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("this one would, /.*example.*/")]);
    // Listed among the differences.
    succeeded(await bench.cosign("cosign3", ...verify("example")));
  });
});

it("images that files name", async () => {
  const { reference } = await bench.push("named");
  succeeded(await bench.cosign("cosign3", "sign", ...(await bench.bundled("signing_config.json")), reference));
  const dockerfile = workspace.path("Dockerfile");
  writeFileSync(dockerfile, `FROM ${reference}\n`);
  const manifest = workspace.path("pod.yaml");
  const container = `{name: app, image: ${JSON.stringify(reference)}}`;
  writeFileSync(manifest, `apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec: {containers: [${container}]}\n`);
  for (const [kind, file] of [
    ["dockerfile", dockerfile],
    ["manifest", manifest],
  ] as const) {
    succeeded(await bench.check(kind, "verify", ...bench.trust, ...bench.identity(), file));
    expect((await bench.check(kind, "verify", ...bench.trust, ...bench.identity("b@example.com"), file)).code).toBe(1);
  }
});

describe("trust", () => {
  let reference: string;
  beforeAll(async () => {
    ({ reference } = await bench.push("trusted"));
    succeeded(await bench.cosign("cosign3", "sign", ...(await bench.bundled("signing_config.json")), reference));
  });

  it("comes from the mirror that initialize chose", async () => {
    const mirror = ["--mirror", `${bench.sigstore.url}/tuf`, "--root", bench.sigstore.file("root.json")];
    succeeded(await bench.check("initialize", ...mirror));
    const { stderr } = succeeded(await bench.check("verify", ...bench.identity(), reference));
    expect(stderr).toContain(`trusted root: ${bench.sigstore.url}/tuf`);
    const asked = bench.sigstore.said();
    succeeded(await bench.check("verify", "--offline", ...bench.identity(), reference));
    expect((await bench.check("verify", ...bench.identity("b@example.com"), reference)).code).toBe(1);
    expect(bench.sigstore.said()).toBe(asked);
  });

  it("comes from a set of keys and identities", async () => {
    const sets = workspace.path("trust.yaml");
    const root = JSON.stringify(bench.sigstore.file("trusted_root.json"));
    const pem = readFileSync(publicKey, "utf8").trim().split("\n").join("\n          ");
    writeFileSync(
      sets,
      `apiVersion: waybill.dev/v1
kind: TrustSets
sets:
  both:
    roots: [{file: ${root}}]
    keys:
      - name: key
        pem: |
          ${pem}
        notAfter: 2999-01-01
    identities: [{name: person, subject: ${EMAIL}, issuer: "${bench.sigstore.issuer}"}]
  nobody:
    roots: [{file: ${root}}]
    identities: [{name: other, subject: b@example.com, issuer: "${bench.sigstore.issuer}"}]
`,
    );
    const keyed = await bench.push("keyed-set");
    const alone = ["--tlog-upload=false", "--use-signing-config=false"];
    succeeded(await bench.cosign("cosign3", "sign", "-y", "--key", key, ...alone, keyed.reference));
    for (const one of [reference, keyed.reference]) {
      succeeded(await bench.check("verify", "--trust", `${sets}#both`, one));
      expect((await bench.check("verify", "--trust", `${sets}#nobody`, one)).code).toBe(1);
    }
  });
});
