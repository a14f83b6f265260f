import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi, waitForState } from "./controlPlaneApi.ts";
import { peer } from "./peers.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { run, succeed } from "./run.ts";
import { resolvePushed } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// The build platform's own page, with the commands that stand on it (evidence.md 4.2, builders.md 1A): curl, jq, cosign.

const IMAGES = join(process.cwd(), "../shared/data/images/layout");
const BUILD = "/v1/apps/my-app/builds/build-abc123";

const workspace = openWorkspace();
let registry: RealRegistry;
let plane: ControlPlane;
let image: PushedImage;

beforeAll(async () => {
  registry = await startRealRegistry(workspace, "olareg");
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("service")], { env: workspace.env });
  const name = `${registry.host}/builds/my-app`;
  const copy = ["copy", "--quiet", "--dest-tls-verify=false", `oci:${IMAGES}:apk-alpine`, `docker://${name}:1.0`];
  await succeed(peer("skopeo"), copy, { env: workspace.env });
  image = await resolvePushed(workspace, name, "1.0");
  const rules = ["--repositories", `${registry.host}/builds/**`, "--settle", "0s"];
  plane = await startControlPlane(workspace, {
    data: "story",
    args: ["--key", workspace.path("service.key"), ...rules],
  });
});

afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

/** A line of the page as people paste it, in bash, in the workspace; fails where any part of a pipe does. */
const page = (line: string): Promise<string> =>
  succeed("bash", ["-c", `set -euo pipefail\n${line}`], {
    cwd: workspace.path(),
    env: {
      ...workspace.env,
      API: plane.url,
      TOKEN: plane.token,
      REF: image.reference,
      CURL: peer("curl"),
      JQ: peer("jq"),
    },
  });

const bearer = `-H "Authorization: Bearer $TOKEN"`;
const json = `-H 'Content-Type: application/json'`;

/** curl's answer with its status on the last line. */
const ask = async (path: string, more = ""): Promise<{ readonly status: string; readonly text: string }> => {
  const said = await page(`"$CURL" -sS -w '\\n%{http_code}' ${bearer} ${more} "$API${path}"`);
  const end = said.lastIndexOf("\n");
  return { status: said.slice(end + 1), text: said.slice(0, end) };
};

const badge = async (): Promise<unknown> => JSON.parse((await ask(`${BUILD}/badge.json`)).text);

describe("the platform's page", () => {
  it("has the public key for everybody, which any cache may keep for a while", async () => {
    const head = await page(`"$CURL" -sSf -D - -o cosign.pub "$API/api/v1/cosign.pub"`);
    expect(head).toMatch(/^etag: "/im);
    expect(head).toMatch(/^content-type: application\/x-pem-file/im);
    expect(await page("cat cosign.pub service.pub")).toMatch(
      /^(-----BEGIN PUBLIC KEY-----\n[^-]+-----END PUBLIC KEY-----\n)\1$/,
    );
  });

  it("registers the build, which has no papers before production", async () => {
    const facts = {
      build_id: "build-abc123",
      source: "https://git.example/my-app",
      commit_sha: "deadbeef",
      builder: "kaniko",
      parameters: {},
    };
    const post = `-X POST ${json} -d '${JSON.stringify(facts)}'`;
    expect((await ask("/v1/apps/my-app/builds", post)).status).toBe("201");
    expect((await ask("/v1/apps/my-app/builds", post)).status).toBe("200");
    const other = `-X POST ${json} -d '${JSON.stringify({ ...facts, commit_sha: "cafe" })}'`;
    expect((await ask("/v1/apps/my-app/builds", other)).status).toBe("409");
    for (const [path, code] of [
      ["sbom", "sbom-not-produced"],
      ["signature", "signature-not-produced"],
      ["provenance", "provenance-not-produced"],
    ]) {
      for (const prefix of ["", "/api"]) {
        const missing = await ask(`${prefix}${BUILD}/${path}`);
        expect(missing.status).toBe("404");
        expect(JSON.parse(missing.text)).toMatchObject({ code, state: "pending" });
      }
    }
    expect(await badge()).toMatchObject({ state: "not signed yet", color: "grey" });
  });

  it("issues the papers, and the badge says so", async () => {
    const head = await page(
      `"$CURL" -sS -D - -o accepted.json ${bearer} -X POST ${json} -d "{\\"image\\":\\"$REF\\"}" "$API${BUILD}/issue"`,
    );
    expect(head).toMatch(/^HTTP\/1.1 202 /);
    const location = /^location: (\/v1\/operations\/[0-9a-f-]{36})\r$/im.exec(head)?.[1];
    expect(location).toBeDefined();
    await waitForState(plane, "my-app/builds/build-abc123", ["done"], 20_000);
    expect(await page(`"$CURL" -sSf ${bearer} "$API${location}" | "$JQ" -r .state`)).toBe("done\n");
    expect(await badge()).toMatchObject({ state: "signed", color: "green" });
    expect((await ask(`${BUILD}/badge.svg`)).text).toContain("signed");
    const again = await ask(`${BUILD}/issue`, `-X POST ${json} -d "{\\"image\\":\\"$REF\\"}"`);
    expect(JSON.parse(again.text)).toMatchObject({ id: location?.split("/").at(-1), state: "done" });
  });

  it.each(["cosign3", "cosign2", "cosign223"] as const)(
    "%s verifies with the key of the page, and shows whose build it is",
    async (name) => {
      const cosign = peer(name);
      const shown = await page(`"${cosign}" verify --key cosign.pub --insecure-ignore-tlog=true "$REF"`);
      expect(shown).toContain(image.digest);
      const optional = { tenant_id: "default", app_id: "my-app", commit_sha: "deadbeef", build_id: "build-abc123" };
      // cosign 3 lists every bundle that verifies, attestations too, which have no annotations.
      expect(JSON.parse(shown)).toContainEqual(expect.objectContaining({ optional }));
    },
  );

  it("refuses what another key signed", async () => {
    await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("foreign")], { env: workspace.env });
    const args = ["verify", "--key", workspace.path("foreign.pub"), "--insecure-ignore-tlog=true", image.reference];
    expect((await run(peer("cosign3"), args, { env: workspace.env })).code).not.toBe(0);
  });

  it("gives the SBOM to jq", async () => {
    const said = await page(
      `"$CURL" -sSf ${bearer} "$API/api${BUILD}/sbom" | "$JQ" '.metadata.component.name, .components[0:5]'`,
    );
    expect(said).toMatch(/^".+"\n\[/);
    expect(said).toContain("pkg:apk/alpine/");
  });

  it.each([
    ["cosign3", "cyclonedx", "sbom"],
    ["cosign2", "cyclonedx", "sbom"],
    ["cosign223", "cyclonedx", "sbom"],
    ["cosign3", "slsaprovenance1", "provenance"],
    ["cosign2", "slsaprovenance1", "provenance"],
    ["cosign223", "slsaprovenance1", "provenance"],
  ] as const)("%s prints the very bytes of the %s that the API gives", async (name, type, path) => {
    const verify = `"${peer(name)}" verify-attestation --key cosign.pub --insecure-ignore-tlog=true --type ${type} "$REF"`;
    await page(`${verify} | head -n 1 | "$JQ" -r .payload | base64 -d > ${name}-${type}.json`);
    const statement = await page(`cat ${name}-${type}.json`);
    const { text } = await ask(`${BUILD}/${path}`);
    // The predicate's exact bytes are a part of the statement's, nothing is written anew.
    expect(statement.endsWith(`"predicate":${text}}`) || statement.includes(`"predicate":${text},`)).toBe(true);
    const predicate = JSON.parse(statement) as { readonly predicate: unknown };
    expect(JSON.parse(text)).toEqual(predicate.predicate);
  });

  it("answers HEAD, ETag and the prefix /api alike", async () => {
    const { headers, text } = await callApi(plane, `${BUILD}/sbom`);
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    expect(headers.get("etag")).toBe(`"${digest}"`);
    const head = await page(`"$CURL" -sS -I ${bearer} "$API/api${BUILD}/sbom"`);
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    expect(head).toContain(`"${digest}"`);
    expect((await ask(`${BUILD}/sbom`, `-H 'If-None-Match: "${digest}"'`)).status).toBe("304");
    expect((await ask(`${BUILD}/sbom`, `-H 'Accept: application/x-other'`)).status).toBe("406");
  });

  it("gives the envelope, the signature and the bundle as cosign knows them", async () => {
    const envelope = await page(
      `"$CURL" -sSf ${bearer} -H 'Accept: application/vnd.in-toto+json' "$API${BUILD}/sbom" | "$JQ" -r .payloadType`,
    );
    expect(envelope).toBe("application/vnd.in-toto+json\n");
    const signature = JSON.parse((await ask(`${BUILD}/signature`)).text) as {
      readonly signatures: readonly { readonly payload: string; readonly sig: string }[];
    };
    expect(signature).toMatchObject({ image: image.reference, digest: image.digest });
    const simple = signature.signatures.find(({ payload }) => payload !== null);
    writeFileSync(workspace.path("payload.json"), Buffer.from(simple?.payload ?? "", "base64"));
    writeFileSync(workspace.path("payload.sig"), simple?.sig ?? "");
    const verify = "verify-blob --key cosign.pub --insecure-ignore-tlog=true --signature payload.sig payload.json";
    await page(`"${peer("cosign2")}" ${verify}`);
    const accept = `-H 'Accept: application/vnd.dev.sigstore.bundle.v0.3+json'`;
    const bundle = await ask(`${BUILD}/signature`, accept);
    expect(JSON.parse(bundle.text)).toMatchObject({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json" });
  });
});

describe("the badge", () => {
  const absent = `sha256:${"0".repeat(64)}`;

  /** A build of its own whose papers were asked for. */
  const request = async (caller: ControlPlane, build: string, reference: string): Promise<void> => {
    await callApi(caller, "/v1/apps/badges/builds", { build_id: build });
    const issue = await callApi(caller, `/v1/apps/badges/builds/${build}/issue`, { image: reference });
    expect(issue.status).toBe(202);
  };

  const read = async (caller: ControlPlane, build: string): Promise<unknown> =>
    JSON.parse((await callApi(caller, `/v1/apps/badges/builds/${build}/badge.json`)).text);

  it("is red for nothing but a failure", async () => {
    await request(plane, "lost", `${image.name}@${absent}`);
    await waitForState(plane, "badges/builds/lost", ["failed"], 20_000);
    expect(await read(plane, "lost")).toMatchObject({ state: "failed", color: "red" });
    expect(await read(plane, "never-registered")).toMatchObject({ state: "unknown", color: "grey" });
  });

  it("says that nothing is signed where issuing is switched off", async () => {
    const rules = ["--repositories", `${registry.host}/builds/**`];
    await using off = await startControlPlane(workspace, {
      data: "switched-off",
      args: ["--key", workspace.path("service.key"), ...rules],
      env: { WAYBILL_ISSUE: "false" },
    });
    await request(off, "skipped", image.reference);
    await waitForState(off, "badges/builds/skipped", ["skipped"], 20_000);
    expect(await read(off, "skipped")).toMatchObject({ state: "not signed yet", color: "grey" });
  });

  it("needs the token until the app's badge is public, and then says no more than its state", async () => {
    const path = `${BUILD}/badge.json`;
    const anonymous = async (): Promise<string> => page(`"$CURL" -sS "$API${path}"`);
    expect(await anonymous()).not.toContain("signed");
    const patch = `-X PATCH ${json} -d '{"public_badge":true}'`;
    expect((await ask("/v1/apps/my-app", patch)).status).toBe("200");
    const { state, ...others } = JSON.parse(await anonymous()) as Readonly<Record<string, unknown>>;
    expect(state).toBe("signed");
    expect(JSON.stringify(others)).not.toMatch(/sha256|my-app|default/);
  });
});
