import { hashSync } from "bcryptjs";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import { peer } from "./peers.ts";
import { openRawRepository, sha256 } from "./rawRegistry.ts";
import { run, succeed } from "./run.ts";
import type { Outcome } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { openWorkspace } from "./workspace.ts";

// The conformance program of the OCI distribution-spec itself, with everything on that it has on by default.

const PROGRAM = join(process.cwd(), "../shared/tools/oci-conformance");
const workspace = openWorkspace();

afterAll(() => workspace[Symbol.dispose]());

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly disabled: number;
}

/** What the first suite of junit.xml counts; what it does not name is none. */
const readCounts = (results: string): Counts => {
  const xml = readFileSync(join(results, "junit.xml"), "utf8");
  const [suite = ""] = /<testsuite [^>]*>/.exec(xml) ?? [];
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  return {
    tests: count("tests"),
    failures: count("failures"),
    errors: count("errors"),
    skipped: count("skipped"),
    disabled: count("disabled"),
  };
};

const runConformance = async (
  results: string,
  settings: Readonly<Record<string, string>>,
): Promise<Outcome & Counts> => {
  const env = { ...workspace.env, OCI_RESULTS_DIR: results, ...settings };
  const outcome = await run(PROGRAM, [], { env, timeoutMs: 240_000 });
  return { ...outcome, ...readCounts(results) };
};

describe("the distribution-spec's conformance program", () => {
  it("finds nothing wrong", async () => {
    await using registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("plain") });
    const settings = { OCI_REGISTRY: registry.host, OCI_TLS: "disabled" };
    const found = await runConformance(workspace.path("results-plain"), settings);
    expect(found.stdout + found.stderr).not.toMatch(/: (FAIL|Error)/);
    expect(found).toMatchObject({ code: 0, failures: 0, errors: 0, skipped: 0 });
    expect(found.tests).toBeGreaterThanOrEqual(840);
  });

  it("finds nothing wrong over TLS with users", async () => {
    const tls = await makeTlsPair();
    const users = workspace.path("users");
    writeFileSync(users, `anna:${hashSync("open sesame", 5)}\n`);
    const args = ["--tls-cert", tls.cert, "--tls-key", tls.key, "--htpasswd", users];
    await using registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("guarded"), args });
    const login = { OCI_USERNAME: "anna", OCI_PASSWORD: "open sesame" };
    const settings = { OCI_REGISTRY: registry.host, OCI_TLS: "enabled", SSL_CERT_FILE: tls.cert, ...login };
    const found = await runConformance(workspace.path("results-guarded"), settings);
    expect(found.stdout + found.stderr).not.toMatch(/: (FAIL|Error)/);
    expect(found).toMatchObject({ code: 0, failures: 0, errors: 0, skipped: 0 });
    expect(found.tests).toBeGreaterThanOrEqual(840);
    const guess = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", tls.cert, "-u", "anna:guess"];
    expect(await succeed(peer("curl"), [...guess, `${registry.url}/v2/`])).toBe("401");
    expect(await registry.stop()).toBe(0);
  });
});

/** A certificate for 127.0.0.1 that signs itself. */
const makeTlsPair = async (): Promise<{ readonly cert: string; readonly key: string }> => {
  const pair = { cert: workspace.path("tls.crt"), key: workspace.path("tls.key") };
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await succeed("openssl", ["req", "-x509", ...key, ...subject, "-keyout", pair.key, "-out", pair.cert]);
  return pair;
};

describe("the directory of a registry", () => {
  it("is read by skopeo and crane as the layouts that it holds", async () => {
    const dir = workspace.path("layouts");
    await using registry = await startEmbeddedRegistry(workspace, { dir });
    const image = await pushTinyImage(workspace, `${registry.host}/team/app`, "read me as I lie");
    const { env } = workspace;
    const inspected = await succeed(peer("skopeo"), ["inspect", `oci:${dir}/team/app:1.0`], { env });
    expect(JSON.parse(inspected)).toMatchObject({ Digest: image.digest });
    const target = workspace.path("taken");
    await succeed(
      peer("skopeo"),
      ["copy", "--quiet", "--insecure-policy", `oci:${dir}/team/app:1.0`, `oci:${target}:1.0`],
      { env },
    );
    // crane push takes a layout directory; what it pushes is what lies there.
    await succeed(
      peer("crane"),
      ["push", "--insecure", "--index", `${dir}/team/app`, `${registry.host}/again/app:1.0`],
      { env },
    );
    const manifest = await openRawRepository(`${registry.host}/again/app`).readManifest(image.digest);
    expect(sha256(manifest?.bytes ?? new Uint8Array())).toBe(image.digest);
  });
});
