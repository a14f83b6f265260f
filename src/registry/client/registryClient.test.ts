import { beforeEach, describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readAll } from "#core/verifiedBytes.ts";
import type { FaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import { always, hastyCtx, openTestClient } from "../../../test/fakes/openTestClient.ts";
import { clientBench } from "../../../test/fakes/clientBench.ts";

const ctx = hastyCtx();
const bench = clientBench();
const { faultOn } = bench;
let registry: FaultRegistry;
let repository: Repository;
beforeEach(() => {
  registry = bench.registry();
  repository = bench.repository();
});

const manifestOf = (members: object): RawManifest => {
  const config = { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf("{}"), size: 2 };
  const value = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [], ...members };
  return rawManifest(Buffer.from(JSON.stringify(value)), MEDIA_TYPE.ociManifest);
};

const image = manifestOf({ annotations: { is: "image" } });
const bytes = Buffer.from("the bytes of a blob");
const blob = { digest: digestOf(bytes), size: bytes.byteLength };
const read = (): Promise<Buffer> => readAll(repository.readBlob(ctx, blob), 1000, "blob");
const ociManifest = { "content-type": MEDIA_TYPE.ociManifest };

const CODES = [
  [401, "AUTH_REQUIRED"],
  [403, "AUTH_DENIED"],
  [408, "NETWORK_TIMEOUT"],
  [418, "REGISTRY_REFUSED"],
  [429, "REGISTRY_THROTTLED"],
  [500, "REGISTRY_UNAVAILABLE"],
  [503, "REGISTRY_UNAVAILABLE"],
  [204, "REGISTRY_PROTOCOL"],
] as const;

describe("absence", () => {
  it("is a 404, in words that a registry may choose", async () => {
    faultOn(/manifests|blobs|tags/, { status: 404, headers: { "content-type": "text/html" }, body: "<html>" });
    expect(await repository.readManifest(ctx, "v1")).toBeUndefined();
    expect(await repository.hasBlob(ctx, blob.digest)).toBe(false);
    expect(await repository.deleteManifest(ctx, "v1")).toBe(false);
    expect(await repository.listTags(ctx)).toEqual([]);
    await expect(read()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each(CODES)("is not a %i, which is %s", async (status, code) => {
    faultOn(/manifests|blobs|tags|referrers/, { status });
    await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code });
    await expect(repository.hasBlob(ctx, blob.digest)).rejects.toMatchObject({ code });
    await expect(read()).rejects.toMatchObject({ code });
    await expect(repository.listTags(ctx)).rejects.toMatchObject({ code });
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code });
  });

  it("is not a time-out, nor a connection that breaks", async () => {
    faultOn(/manifests/, () => {});
    await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code: "NETWORK_TIMEOUT" });
    faultOn(/manifests/, (request) => void request.socket.destroy());
    await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code: "NETWORK_FAILED" });
  });
});

describe("a registry that forgets a blob for a moment", () => {
  const unknown = JSON.stringify({ errors: [{ code: "MANIFEST_BLOB_UNKNOWN", message: "blob unknown to registry" }] });

  it("is asked again for a manifest by digest, and not for a tag, which must be read anew", async () => {
    let answers = 2;
    faultOn(/manifests/, (_, response) => {
      if (answers-- > 0) response.writeHead(400, { "content-type": "application/json" }).end(unknown);
      else response.writeHead(201).end();
    });
    await repository.writeManifest(ctx, image, undefined);
    answers = 1;
    await expect(repository.writeManifest(ctx, image, "v1")).rejects.toMatchObject({ code: "BLOB_UNKNOWN" });
  });

  it("is believed in the end", async () => {
    faultOn(/manifests/, { status: 400, body: unknown });
    await expect(repository.writeManifest(ctx, image, undefined)).rejects.toMatchObject({ code: "BLOB_UNKNOWN" });
  });
});

describe("errors", () => {
  it("attack 36: quotes the registry's words on one line, cut, and names no query", async () => {
    const message = `\u001b[31m${"no ".repeat(100_000)}\nhint: run this`;
    faultOn(/manifests/, { status: 400, body: JSON.stringify({ errors: [{ code: "DENIED", message }] }) });
    const error: unknown = await repository.readManifest(ctx, "v1").catch((thrown: unknown) => thrown);
    const text = error instanceof Error ? error.message : "";
    expect(text).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/v2\/team\/app\/manifests\/v1: 400/);
    expect(text.length).toBeLessThan(800);
    expect(text).not.toMatch(/\p{Cc}/u);
  });

  it("come before a token that would break its header is sent", async () => {
    faultOn(/^GET \/v2\/$/, { status: 401, headers: { "www-authenticate": 'Bearer realm="/token"' } });
    const credentials = always({ kind: "bearer", token: "t99\r\nx: y" });
    const listed = openTestClient({ credentials, allowHttp: true })(`${registry.host}/app`).listTags(ctx);
    const message: unknown = expect.not.stringContaining("t99");
    await expect(listed).rejects.toMatchObject({ code: "CONFIG_INVALID", message });
    expect(registry.requests.map(({ url }) => url)).toEqual(["/v2/"]);
  });

  it("quotes several errors, plain text, and no page", async () => {
    const errors = [{ code: "NAME_INVALID", message: "bad name" }, { code: "DENIED" }, { message: "third" }];
    const cases = [
      [JSON.stringify({ errors }), "application/json", /: 400 NAME_INVALID: bad name; DENIED; third$/],
      ["just text", "text/plain", /: 400 just text$/],
      ["<html>x</html>", "text/html", /: 400$/],
    ] as const;
    for (const [body, type, words] of cases) {
      faultOn(/manifests/, { status: 400, headers: { "content-type": type }, body });
      await expect(repository.readManifest(ctx, "v1")).rejects.toThrow(words);
    }
  });
});

describe("manifests", () => {
  it("attack 3: are what was asked for by digest, whatever the registry says", async () => {
    const headers = { ...ociManifest, "docker-content-digest": image.digest };
    faultOn(/manifests/, { headers, body: "{}" });
    await expect(repository.readManifest(ctx, image.digest)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  it("by tag have the digest of their bytes, with or without a header that says so", async () => {
    for (const claimed of ["", "nonsense", image.digest, digestOf(image.bytes, "sha512")]) {
      faultOn(/manifests/, { headers: { ...ociManifest, "docker-content-digest": claimed }, body: image.bytes });
      expect((await repository.readManifest(ctx, "v1"))?.digest).toBe(image.digest);
    }
  });

  it("are read by a sha512 digest as well", async () => {
    const digest = digestOf(image.bytes, "sha512");
    faultOn(/manifests/, { headers: ociManifest, body: image.bytes });
    expect(await repository.readManifest(ctx, digest)).toMatchObject({ digest });
  });

  it.each(["text/html", "application/json", "", "application/vnd.docker.distribution.manifest.v1+prettyjws"])(
    "are not what comes as %j",
    async (type) => {
      faultOn(/manifests/, { headers: { "content-type": type }, body: image.bytes });
      await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
    },
  );

  it("may carry parameters in their type", async () => {
    const headers = { "content-type": `${MEDIA_TYPE.ociManifest.toUpperCase()} ; charset=utf-8` };
    faultOn(/manifests/, { headers, body: image.bytes });
    expect((await repository.readManifest(ctx, "v1"))?.mediaType).toBe(MEDIA_TYPE.ociManifest);
  });

  it("attack 27: are at most 4 MiB, announced or counted", async () => {
    const large = Buffer.alloc(4 * 1024 * 1024 + 1, " ");
    faultOn(/manifests/, { headers: { ...ociManifest, "content-length": String(large.length) }, body: large });
    await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    faultOn(/manifests/, { headers: { ...ociManifest, "transfer-encoding": "chunked" }, body: large });
    await expect(repository.readManifest(ctx, "v1")).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    const write = repository.writeManifest(ctx, rawManifest(large, MEDIA_TYPE.ociManifest), "v1");
    await expect(write).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("keep a strong ETag and no weak one", async () => {
    for (const [etag, kept] of [
      ['"x"', '"x"'],
      ['W/"x"', undefined],
    ] as const) {
      faultOn(/manifests/, { headers: { ...ociManifest, etag }, body: image.bytes });
      expect((await repository.readManifest(ctx, "v1"))?.etag).toBe(kept);
    }
  });

  it.each(["../x", "a/b", "sha256:ABC", "", "v1?x"])("are not asked for by %j", async (name) => {
    await expect(repository.readManifest(ctx, name)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(registry.requests).toHaveLength(0);
  });

  it.each([
    [412, "", '"old"', "TAG_CONTENDED"],
    [412, "", undefined, "TAG_IMMUTABLE"],
    [409, "", undefined, "TAG_IMMUTABLE"],
    [412, "configured as immutable", '"old"', "TAG_IMMUTABLE"],
    [400, "TAG_IMMUTABLE", undefined, "TAG_IMMUTABLE"],
    [403, "the tag is immutable", undefined, "TAG_IMMUTABLE"],
    [400, "MANIFEST_INVALID", undefined, "REGISTRY_REFUSED"],
    [403, "", undefined, "AUTH_DENIED"],
    [413, "", undefined, "REGISTRY_REFUSED"],
    [404, "NAME_UNKNOWN", undefined, "REGISTRY_REFUSED"],
  ])("refused under a tag with %i %j and condition %j are %s", async (status, message, ifMatch, code) => {
    faultOn(/PUT .*manifests/, { status, body: JSON.stringify({ errors: [{ code: "X", message }] }) });
    const write = repository.writeManifest(ctx, image, "v1", ifMatch === undefined ? {} : { ifMatch });
    await expect(write).rejects.toMatchObject({ code });
  });

  it("refused by digest with 404 are refused, not absent", async () => {
    faultOn(/PUT .*manifests/, { status: 404, body: "page not found" });
    await expect(repository.writeManifest(ctx, image, undefined)).rejects.toMatchObject({ code: "REGISTRY_REFUSED" });
  });

  it("attack 3: are not believed to be written under another digest", async () => {
    faultOn(/PUT .*manifests/, { status: 201, headers: { "docker-content-digest": digestOf("other") } });
    await expect(repository.writeManifest(ctx, image, "v1")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });
});

describe("blobs", () => {
  it("are short, long or other: three errors, announced or counted", async () => {
    const wrong = [
      [bytes.subarray(1), "SIZE_SHORT"],
      [Buffer.concat([bytes, bytes]), "SIZE_LONG"],
      [Buffer.alloc(bytes.length), "DIGEST_MISMATCH"],
    ] as const;
    for (const [body, code] of wrong) {
      faultOn(/blobs/, { body, headers: { "content-length": String(body.length) } });
      await expect(read()).rejects.toMatchObject({ code });
      faultOn(/blobs/, { body, headers: { "transfer-encoding": "chunked" } });
      await expect(read()).rejects.toMatchObject({ code });
    }
  });

  it("attack 27: end where an endless one passes its size", async () => {
    faultOn(/blobs/, (_request, response) => {
      const flood = setInterval(() => response.write(Buffer.alloc(64 * 1024)), 1);
      response.on("close", () => clearInterval(flood));
    });
    await expect(read()).rejects.toMatchObject({ code: "SIZE_LONG" });
  });

  it("attack 32: end when they drip", async () => {
    faultOn(/blobs/, (_request, response) => {
      const drip = setInterval(() => response.write("x"), 30);
      response.on("close", () => clearInterval(drip));
    });
    await expect(read()).rejects.toMatchObject({ code: expect.stringMatching(/NETWORK_TIMEOUT|SIZE_LONG/) as string });
  });

  it("go on where a connection broke", async () => {
    const large = Buffer.alloc(500_000, "waybill ");
    const one = { digest: digestOf(large), size: large.byteLength };
    let calls = 0;
    faultOn(/blobs/, (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const range = { "content-range": `bytes ${from}-${large.length - 1}/${large.length}` };
      response.writeHead(from === 0 ? 200 : 206, {
        "content-length": large.length - from,
        ...(from === 0 ? {} : range),
      });
      if (++calls === 3) return void response.end(large.subarray(from));
      return void response.write(large.subarray(from, from + 100_000), () =>
        setTimeout(() => request.socket.destroy(), 20),
      );
    });
    expect((await readAll(repository.readBlob(ctx, one), 1e6, "blob")).equals(large)).toBe(true);
    expect(calls).toBe(3);
  });

  it("are short when they stay broken off, also where the registry takes no ranges", async () => {
    faultOn(/blobs/, (request, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 5), () => setTimeout(() => request.socket.destroy(), 20));
    });
    await expect(read()).rejects.toMatchObject({ code: "SIZE_SHORT" });
  });

  it("are sent once, and not at all when they are there", async () => {
    await repository.writeBlob(ctx, blob, bytes);
    await repository.writeBlob(ctx, blob, bytes);
    expect(await repository.hasBlob(ctx, blob.digest)).toBe(true);
    const methods = registry.requests.map(({ method }) => method).slice(1);
    expect(methods).toEqual(["HEAD", "POST", "PUT"]);
    await openTestClient()(`${registry.host}/team/app`).writeBlob(ctx, blob, bytes);
    expect(registry.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it.each(["https://evil.test/upload", "http://127.0.0.2:1/upload", "ftp://127.0.0.1/", "http://["])(
    "are not sent to %s",
    async (location) => {
      faultOn(/POST/, { status: 202, headers: { location } });
      await expect(repository.writeBlob(ctx, blob, bytes)).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
      expect(registry.requests.some(({ method }) => method === "PUT")).toBe(false);
    },
  );

  it("are refused with the registry's words", async () => {
    faultOn(/PUT/, { status: 413, body: "too large for us" });
    await expect(repository.writeBlob(ctx, blob, bytes)).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      message: expect.stringContaining("413 too large for us") as string,
    });
  });
});
