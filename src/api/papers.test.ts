import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import { sampleKey } from "../../test/contract/recordStoreSamples.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { BENCH_KEY, openApiBench } from "../../test/fakes/apiBench.ts";

const PAPERS = "/v1/apps/my-app/builds/build-1";

describe("the papers of a build", async () => {
  const bench = await openApiBench();
  const token = bench.tokens.reader;
  const get = (path: string, accept?: string): ReturnType<typeof bench.call> =>
    bench.call(path, { token, ...(accept === undefined ? {} : { headers: { Accept: accept } }) });

  it("gives the SBOM byte for byte, with its digests", async () => {
    const answer = await get(`${PAPERS}/sbom`);
    expect(Buffer.from(answer.bytes).equals(bench.sbom)).toBe(true);
    expect(answer.headers.get("Content-Type")).toBe("application/vnd.cyclonedx+json; version=1.6");
    expect(answer.headers.get("ETag")).toBe(`"${digestOf(bench.sbom)}"`);
    const base64 = Buffer.from(digestOf(bench.sbom).slice(7), "hex").toString("base64");
    expect(answer.headers.get("Content-Digest")).toBe(`sha-256=:${base64}:`);
    expect(answer.headers.get("X-Attestation-Digest")).toBe(digestOf("1"));
    expect(answer.headers.get("Vary")).toContain("Accept");
  });

  it.each([
    ["application/json", "application/json"],
    ["application/vnd.cyclonedx+json; version=1.6", "application/vnd.cyclonedx+json; version=1.6"],
    ["application/*;q=0.5, application/json", "application/json"],
    ["text/html, */*;q=0.1", "application/vnd.cyclonedx+json; version=1.6"],
    ["application/vnd.in-toto+json", "application/vnd.in-toto+json"],
  ])("negotiates the SBOM for %s", async (accept, type) => {
    expect((await get(`${PAPERS}/sbom`, accept)).headers.get("Content-Type")).toBe(type);
  });

  it("gives the envelope for in-toto and 406 for what it does not have", async () => {
    expect((await get(`${PAPERS}/sbom`, "application/vnd.in-toto+json")).text).toBe('{"payload":"e30="}');
    expect((await get(`${PAPERS}/sbom`, "application/spdx+json")).problem().code).toBe("accept-impossible");
  });

  it("gives signatures as JSON, simple signing payload and bundle", async () => {
    const all = await get(`${PAPERS}/signature`);
    expect(all.json()).toMatchObject({ image: bench.image, digest: bench.digest });
    const [first] = all.json()["signatures"] as readonly Record<string, string>[];
    expect(first).toMatchObject({ keyid: BENCH_KEY.id, sig: "c2ln", signed_at: null });
    expect(Buffer.from(first?.["payload"] ?? "", "base64").toString()).toBe('{"critical":{}}');
    const simple = await get(`${PAPERS}/signature`, "application/vnd.dev.cosign.simplesigning.v1+json");
    expect(simple.text).toBe('{"critical":{}}');
    const bundle = await get(`${PAPERS}/signature`, "application/vnd.dev.sigstore.bundle.v0.3+json");
    const byDigest = await get(first?.["bundle_url"] ?? "");
    expect(byDigest.text).toBe(bundle.text);
    expect(byDigest.headers.get("Cache-Control")).toBe("private, max-age=31536000, immutable");
  });

  it("gives documents only to those who have a paper that names them", async () => {
    const path = `/v1/images/${bench.digest}/documents/${digestOf(bench.sbom)}`;
    expect((await get(path)).text).toBe(bench.sbom.toString());
    expect((await bench.call(path, { token: bench.stranger })).status).toBe(404);
    expect((await get(`/v1/images/${bench.digest}/documents/${digestOf("another")}`)).status).toBe(404);
  });

  it.each(["sbom", "signature", "provenance"])("says why the %s is not there", async (paper) => {
    const answer = await get(`/v1/apps/my-app/builds/build-2/${paper}`);
    expect(answer.status).toBe(404);
    expect(answer.problem()).toMatchObject({ code: `${paper}-not-produced`, state: "pending" });
    expect(answer.headers.get("Retry-After")).toBe("5");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it("shows the image, what verified, and coverage", async () => {
    const image = (await get(`/v1/images/${bench.digest}`)).json();
    expect(image).toMatchObject({ builds: [{ app: "my-app", build_id: "build-1" }] });
    expect(image).toMatchObject({
      media_type: "application/vnd.oci.image.manifest.v1+json",
      platform: "linux/amd64",
      layers: [
        {
          digest: digestOf("layer"),
          size: 42,
          media_type: "application/vnd.oci.image.layer.v1.tar+gzip",
          created_by: "COPY . /app",
          created_at: "2026-01-02T03:04:05.000Z",
        },
      ],
      images: [],
    });
    expect((image["papers"] as readonly unknown[]).length).toBe(3);
    const verified = (await get(`${PAPERS}/verifications`)).json()["items"] as readonly Record<string, unknown>[];
    expect(verified.map((one) => one["signed_by_service"])).toEqual([true, true, true]);
    const attested = (await get(`${PAPERS}/attestations`)).json()["items"] as readonly Record<string, unknown>[];
    expect(attested.map((one) => one["kind"])).toEqual(["attestation", "attestation"]);
    expect((await get("/v1/overview")).json()).toMatchObject({
      states: { pending: 2, failed: 0 },
      coverage: { builds: 2, signed: 1, with_sbom: 1, with_provenance: 1 },
    });
  });

  it("says where nobody knows what an image consists of, and shows the images of an index", async () => {
    const child = { digest: digestOf("child"), platform: "linux/arm64" };
    const index = { tenant: "default", mediaType: "application/vnd.oci.image.index.v1+json", platform: undefined };
    const [image, unknown] = await bench.store.write(testCtx(), async ({ images, papers }) => {
      const [paper] = await papers.list("default", bench.digest);
      if (paper === undefined) throw new TypeError("no paper");
      const subjects = [digestOf("an index"), digestOf("forgotten")] as const;
      for (const subject of subjects) await papers.put({ ...paper, subject });
      await images.put({ ...index, digest: subjects[0], layers: [], images: [child] });
      return subjects;
    });
    expect((await get(`/v1/images/${image}`)).json()).toMatchObject({ platform: null, layers: [], images: [child] });
    expect((await get(`/v1/images/${unknown}`)).json()).toMatchObject({
      media_type: null,
      platform: null,
      layers: [],
      images: [],
    });
  });

  it("lists packages in pages, and says so where the list was cut off", async () => {
    const subject = digestOf("a large image");
    const row = (at: number) => ({ name: `p${at}`, version: "1", type: "npm", purl: `pkg:npm/p${at}`, licenses: "" });
    await bench.store.write(testCtx(), async (records) => {
      const [paper] = await records.papers.list("default", bench.digest);
      if (paper === undefined) throw new TypeError("no paper");
      await records.papers.put({ ...paper, subject });
      const list = { id: "cut", tenant: "default", subject, total: 9, listed: 3 };
      await records.packages.begin(list, 0);
      await records.packages.append("cut", 0, [row(1), row(2), row(3)]);
      await records.packages.show(list, 0);
    });
    const first = (await get(`/v1/images/${subject}/packages?limit=2`)).json();
    expect(first).toMatchObject({ items: [row(1), row(2)], total: { count: 3, type: "AT_LEAST" } });
    const last = (
      await get(`/v1/images/${subject}/packages?limit=2&page_token=${String(first["next_page_token"])}`)
    ).json();
    expect(last).toMatchObject({ items: [row(3)], next_page_token: null, total: { count: 3, type: "AT_LEAST" } });
    const whole = (await get(`/v1/images/${bench.digest}/packages`)).json();
    expect(whole).toMatchObject({ total: { count: 3, type: "EXACT" } });
  });

  it("serves the public key to anybody", async () => {
    const answer = await bench.call("/api/v1/cosign.pub");
    expect(answer.text).toBe(BENCH_KEY.pem);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/x-pem-file",
      "cache-control": "public, max-age=300",
      "access-control-allow-origin": "*",
      link: '</api/v1/keys>; rel="related"',
    });
    expect((await bench.call(`/v1/cosign.pub?kid=${BENCH_KEY.id}`)).status).toBe(200);
    expect((await bench.call("/v1/cosign.pub?kid=other")).problem().code).toBe("not-found");
    expect((await get("/v1/keys")).headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  it("serves keys by their ids, also those that are retired, to anybody", async () => {
    const pem = BENCH_KEY.pem.replace("MA==", "MQ==");
    const old = sampleKey({ id: `sha256:${"cd".repeat(32)}`, pem, state: "retired", retiredAt: 2000 });
    await bench.store.write(testCtx(), async ({ keys }) => {
      await keys.put(old);
      await keys.put(sampleKey({ id: BENCH_KEY.id, pem: BENCH_KEY.pem, firstSeenAt: 2000 }));
    });
    const [named, inUse] = [await bench.call(`/v1/cosign.pub?kid=${old.id}`), await bench.call("/v1/cosign.pub")];
    expect([named.text, inUse.text]).toEqual([pem, BENCH_KEY.pem]);
    expect(named.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
    expect(named.headers.get("ETag")).not.toBe(inUse.headers.get("ETag"));
    const etag = named.headers.get("ETag") ?? "";
    const same = await bench.call(`/v1/cosign.pub?kid=${old.id}`, { headers: { "If-None-Match": etag } });
    expect(same.status).toBe(304);
    const unknown = await bench.call(`/v1/cosign.pub?kid=sha256:${"ef".repeat(32)}`);
    expect([unknown.status, unknown.problem().code]).toEqual([404, "not-found"]);
    expect((await bench.call("/api/v1/keys")).json()).toEqual({
      items: [
        {
          id: BENCH_KEY.id,
          algorithm: "ecdsa-p256",
          state: "current",
          first_seen_at: "1970-01-01T00:00:02.000Z",
          retired_at: null,
          pem: BENCH_KEY.pem,
        },
        {
          id: old.id,
          algorithm: "ecdsa-p256",
          state: "retired",
          first_seen_at: "1970-01-01T00:00:01.000Z",
          retired_at: "1970-01-01T00:00:02.000Z",
          pem,
        },
      ],
    });
  });

  it("serves the key that another process signs with where this one has none", async () => {
    const keyless = await openApiBench({ serviceKey: () => undefined });
    const put = (key: ServiceKey) => keyless.store.write(testCtx(), ({ keys }) => keys.put(key));
    await put(sampleKey({ state: "retired", retiredAt: 1 }));
    expect((await keyless.call("/v1/cosign.pub")).problem().code).toBe("key-not-generated");
    await put(sampleKey());
    expect((await keyless.call("/v1/cosign.pub")).text).toBe(sampleKey().pem);
  });

  it("says that there is no key yet", async () => {
    const keyless = await openApiBench({ serviceKey: () => undefined });
    const answer = await keyless.call("/v1/cosign.pub");
    expect([answer.status, answer.problem().code]).toEqual([404, "key-not-generated"]);
    expect(answer.headers.get("Retry-After")).toBe("30");
    const badge = await keyless.call(`${PAPERS}/badge.json`, { token: keyless.tokens.reader });
    expect(badge.json()["state"]).toBe("not signed yet");
    const retired = await openApiBench({ serviceKey: () => undefined, signingKeys: () => [BENCH_KEY.id] });
    const kept = await retired.call(`${PAPERS}/badge.json`, { token: retired.tokens.reader });
    expect(kept.json()["state"]).toBe("signed");
  });
});

describe("badges", async () => {
  const bench = await openApiBench();
  const { reader, operator } = bench.tokens;

  it("need the token until the app is public, and then show the state alone", async () => {
    const path = `${PAPERS}/badge.json`;
    const mine = await bench.call(path, { token: reader });
    expect(mine.json()).toEqual({
      schemaVersion: 1,
      label: "papers",
      message: "signed",
      color: "green",
      state: "signed",
    });
    expect(mine.headers.get("Cache-Control")).toBe("private, no-cache");
    const hidden = await bench.call(path, { headers: { "X-Request-Id": "x" } });
    const unknown = await bench.call(path.replace("my-app", "no-app"), { headers: { "X-Request-Id": "x" } });
    expect(hidden.status).toBe(404);
    expect(unknown.text).toBe(hidden.text.replace("my-app", "no-app"));
    expect((await bench.call(path, { token: "wbt_bad" })).status).toBe(401);

    const change = { method: "PATCH", token: operator, body: { public_badge: true } };
    expect((await bench.call("/v1/apps/my-app", change)).json()).toMatchObject({ public_badge: true });
    const shown = await bench.call(path);
    expect(shown.json()).toEqual(mine.json());
    expect(shown.headers.get("Cache-Control")).toBe("public, max-age=60");
    expect((await bench.call(`${path}?tenant=default`, { token: bench.stranger })).status).toBe(200);
    expect((await bench.call(path, { token: bench.stranger })).status).toBe(404);
    expect((await bench.call(`${path}?tenant=other`)).status).toBe(404);
    const audit = await bench.call("/v1/audit?limit=200", { token: operator });
    expect(audit.text).toContain('"action":"app.change"');
  });

  it.each([
    ["build-2", "not signed yet", "#5c646d"],
    ["build-9", "unknown", "#5c646d"],
    ["build-1", "signed", "#1a7f37"],
  ])("draw %s as %s", async (build, state, colour) => {
    const svg = (await bench.call(`/v1/apps/my-app/builds/${build}/badge.svg`, { token: reader })).text;
    expect(svg).toContain(`<title>papers: ${state}</title>`);
    expect(svg).toContain(colour);
    expect(svg).not.toMatch(/style=|<script|href/);
  });
});
