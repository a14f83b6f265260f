import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestOf } from "#core/digest.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { settleTags } from "#core/mergeTag.ts";
import type { FaultRegistry } from "../../../test/fakes/faultRegistry.ts";
import { hastyCtx } from "../../../test/fakes/openTestClient.ts";
import { clientBench, reply } from "../../../test/fakes/clientBench.ts";

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
const paper = (words: string): RawManifest =>
  manifestOf({ artifactType: "application/x", subject: manifestDescriptor(image), annotations: { words } });

const ociIndex = { "content-type": MEDIA_TYPE.ociIndex };
const indexOf = (...names: string[]): string =>
  JSON.stringify({
    schemaVersion: 2,
    manifests: names.map((name) => ({ mediaType: "x", digest: digestOf(name), size: 1 })),
  });

const times = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const indexOfMany = (name: string, count: number): string => indexOf(...times(count, (at) => `${name} ${at}`));

/** Answers with one page after the other. */
const paged =
  (pages: readonly string[]) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const at = Number(new URL(request.url ?? "", "http://x").searchParams.get("page") ?? 0);
    const link = `</v2/team/app/referrers/x?page=${at + 1}>; rel="next"`;
    const headers = at === pages.length - 1 ? ociIndex : { ...ociIndex, link };
    reply(response, { headers, body: pages[at] ?? "" });
  };

describe("referrers", () => {
  it("come from all pages, each once", async () => {
    const pages = [indexOf("a", "b"), indexOf("b", "c"), indexOf("d")];
    faultOn(/referrers/, (request, response) => {
      const at = Number(new URL(request.url ?? "", "http://x").searchParams.get("page") ?? 0);
      const link = `<https://x.test/>; rel="prev", </v2/team/app/referrers/x?page=${at + 1}>; title="a, b"; rel="next"`;
      reply(response, { headers: at === 2 ? ociIndex : { ...ociIndex, link }, body: pages[at] ?? "" });
    });
    const found = await repository.listReferrers(ctx, image.digest);
    expect(found.map(({ digest }) => digest)).toEqual(["a", "b", "c", "d"].map((name) => digestOf(name)));
  });

  it.each([
    ["https://evil.test/v2/", "REGISTRY_PROTOCOL"],
    ["http://127.0.0.2/v2/", "REGISTRY_PROTOCOL"],
    ["http://[", "REGISTRY_PROTOCOL"],
  ])("do not go on at %s", async (to, code) => {
    faultOn(/referrers/, { headers: { ...ociIndex, link: `<${to}>; rel=next` }, body: indexOf("a") });
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code });
  });

  it("attack 26: are at most 5000, on at most 200 pages", async () => {
    faultOn(/referrers/, paged(times(202, () => indexOf())));
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    const many = indexOf(...Array.from({ length: 5001 }, (_, at) => `r${at}`));
    faultOn(/referrers/, { headers: ociIndex, body: many });
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("attack 26: of foreign types do not count against those that are wanted", async () => {
    const pages = [indexOfMany("foreign", 5001), indexOf("wanted"), indexOfMany("later", 5001)];
    faultOn(/referrers/, paged(pages));
    const wants = ({ digest }: Descriptor) => digest === digestOf("wanted");
    const told: string[] = [];
    const found = await repository.listReferrers(ctx, image.digest, { wants, onLimit: ({ code }) => told.push(code) });
    expect(found.map(({ digest }) => digest)).toEqual([digestOf("wanted")]);
    expect(told).toEqual([]);
  });

  const isGood = ({ digest }: Descriptor): boolean => digest === digestOf("good");
  it.each([
    ["wanted ones", () => true, () => [indexOf("good"), indexOfMany("r", 5000)]],
    ["any", isGood, () => [indexOf("good"), ...times(6, (at) => indexOfMany(`x${at}`, 10_000))]],
    ["bytes", isGood, () => [indexOf("good"), ...times(18, () => `${indexOf()}${" ".repeat(4_000_000)}`)]],
    ["pages", isGood, () => [indexOf("good"), ...times(201, () => indexOf())]],
  ])("attack 26: over the limit on %s are those found before it, and it is told", async (_, wants, pages) => {
    faultOn(/referrers/, paged(pages()));
    const told: string[] = [];
    const found = await repository.listReferrers(ctx, image.digest, { wants, onLimit: ({ code }) => told.push(code) });
    expect(found[0]?.digest).toBe(digestOf("good"));
    expect(told).toEqual(["LIMIT_EXCEEDED"]);
  });

  it("do not go in circles", async () => {
    const next = { ...ociIndex, link: '</v2/team/app/referrers/again>; rel="next"' };
    faultOn(/referrers/, { headers: next, body: indexOf() });
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
    expect(registry.requests.filter(({ url }) => url.includes("/referrers/"))).toHaveLength(2);
  });

  it.each([
    [{ status: 200, headers: { "content-type": "text/html" }, body: "<html>" }],
    [{ status: 200, headers: ociIndex, body: '{"manifests":[' }],
  ])("are not none because a yes is no list: %j", async (canned) => {
    faultOn(/referrers/, canned);
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
  });

  it("are not fewer because a later page is missing", async () => {
    faultOn(/referrers/, (request, response) => {
      if (request.url?.includes("again") === true) return void reply(response, { status: 404 });
      const link = '</v2/team/app/referrers/again>; rel="next"';
      return void reply(response, { headers: { ...ociIndex, link }, body: indexOf("a") });
    });
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
  });

  const tag = image.digest.replace(":", "-");

  it.each([
    { status: 400 },
    { status: 404 },
    { status: 405 },
    { status: 406 },
    { status: 501 },
    { status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
    { status: 200, headers: { "content-type": "application/json" }, body: indexOf("lie") },
    { status: 200, headers: ociIndex, body: "<html>" },
  ])("come from the fallback tag where the API answers %j", async (canned) => {
    const index = rawManifest(Buffer.from(indexOf("fallback")), MEDIA_TYPE.ociIndex);
    await repository.writeManifest(ctx, index, tag);
    faultOn(/referrers/, canned);
    const found = await repository.listReferrers(ctx, image.digest);
    expect(found.map(({ digest }) => digest)).toEqual([digestOf("fallback")]);
  });

  it("are none where the fallback tag is the image, as GitLab has it", async () => {
    await repository.writeManifest(ctx, image, tag);
    faultOn(/referrers/, { status: 404 });
    expect(await repository.listReferrers(ctx, image.digest)).toEqual([]);
    await expect(repository.writeReferrers(ctx, image.digest, [paper("a")])).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
    });
    expect((await repository.readManifest(ctx, tag))?.digest).toBe(image.digest);
  });

  it("do not come from the fallback tag when it cannot be read", async () => {
    registry.fault = (request, response) => {
      if (request.url?.includes("referrers") === true) return reply(response, { status: 404 });
      return request.url?.includes("manifests") === true ? reply(response, { status: 401 }) : false;
    };
    await expect(repository.listReferrers(ctx, image.digest)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
  });

  it("are written by digest alone where there is the API, which is asked whether it lists them", async () => {
    await repository.writeReferrers(ctx, image.digest, [paper("a")]);
    await repository.writeReferrers(ctx, image.digest, [paper("b")]);
    expect(registry.tags.size).toBe(0);
    expect(registry.requests.filter(({ url }) => url.includes("/referrers/"))).toHaveLength(2);
    expect(await repository.listReferrers(ctx, image.digest)).toHaveLength(2);
  });

  /** A registry that forgets to list a paper until it was written so often. */
  const forget = (times: number): (() => number) => {
    let writes = 0;
    registry.fault = (request, response) => {
      if (request.method === "PUT" && request.url?.includes("/manifests/sha256:") === true) writes++;
      if (request.url?.includes("/referrers/") !== true || writes > times) return false;
      return reply(response, { headers: ociIndex, body: indexOf() });
    };
    return () => writes;
  };

  it("are written again where the registry took them and does not list them, and looked at once more", async () => {
    const writes = forget(2);
    const settling = await repository.writeReferrers(ctx, image.digest, [paper("a")]);
    expect(writes()).toBe(3);
    expect(settling).toMatchObject([{ patient: false }]);
    registry.fault = () => false;
    expect(await repository.listReferrers(ctx, image.digest)).toHaveLength(1);
  });

  it("are settled with the tags of others, and written again where they were forgotten since", async () => {
    const settling = await repository.writeReferrers(ctx, image.digest, [paper("a"), paper("b")]);
    expect(settling).toMatchObject([{ patient: true }]);
    const before = registry.requests.length;
    await settleTags(ctx, settling, 1);
    expect(registry.requests).toHaveLength(before);
    const writes = forget(2);
    const [list] = settling;
    expect(await settleTags(ctx, list === undefined ? [] : [{ ...list, patient: false }], 1)).toEqual([]);
    expect(writes()).toBeGreaterThan(2);
  });

  it("are told of, and no failure, where the registry never lists them", async () => {
    forget(Infinity);
    const warnings: unknown[] = [];
    const told = { ...ctx, emit: (event: unknown) => void warnings.push(event) };
    await repository.writeReferrers(told, image.digest, [paper("a")]);
    const message = `the registry took papers of ${image.digest} and does not list them`;
    expect(warnings).toContainEqual({ kind: "warning", message });
  });

  it("are written to the fallback tag too, though a header claims that there is the API", async () => {
    registry.fault = (request, response) => {
      if (request.method === "PUT") response.setHeader("oci-subject", image.digest);
      return request.url?.includes("referrers") === true ? reply(response, { status: 404 }) : false;
    };
    await repository.writeReferrers(ctx, image.digest, [paper("a"), paper("b")]);
    expect(registry.tags.has(`team/app:${tag}`)).toBe(true);
    const found = await repository.listReferrers(ctx, image.digest);
    expect(new Set(found.map(({ annotations }) => annotations?.["words"]))).toEqual(new Set(["a", "b"]));
  });

  it("have the subject that they are written for", async () => {
    await expect(repository.writeReferrers(ctx, digestOf("other"), [paper("a")])).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
    expect(registry.requests).toHaveLength(0);
  });
});

describe("tags", () => {
  it("come from all pages, in order", async () => {
    faultOn(/tags/, (request, response) => {
      const more = request.url?.includes("last=b") !== true;
      const headers = more ? { link: '</v2/team/app/tags/list?n=1000&last=b>; rel="next"' } : {};
      reply(response, { headers, body: JSON.stringify({ name: "team/app", tags: more ? ["c", "b"] : ["a", "b"] }) });
    });
    expect(await repository.listTags(ctx)).toEqual(["a", "b", "c"]);
  });

  it.each(["<html>", "[]", '{"tags":{}}', '{"tags":[1]}', '{"tags":["../x"]}', '{"tags":["\\u001b[2J"]}'])(
    "are not what %s says",
    async (body) => {
      faultOn(/tags/, { body });
      await expect(repository.listTags(ctx)).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
    },
  );
});
