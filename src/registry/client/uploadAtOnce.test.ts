import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { clientBench, reply } from "../../../test/fakes/clientBench.ts";
import type { Canned } from "../../../test/fakes/clientBench.ts";
import { hastyCtx, openTestClient } from "../../../test/fakes/openTestClient.ts";

const ctx = hastyCtx();
const bench = clientBench();
const many = Array.from({ length: 12 }, (_, at) => Buffer.from(`small blob ${at}`));

const methods = (): readonly string[] => bench.registry().requests.map(({ method }) => method);

/** All blobs through one repository; the methods of the requests after the first, which finds the registry. */
const writeAll = async (repository = bench.repository()): Promise<readonly string[]> => {
  bench.registry().requests.length = 0;
  for (const one of many) await repository.writeBlob(ctx, { digest: digestOf(one), size: one.byteLength }, one);
  expect([...bench.registry().blobs.values()].map(String)).toEqual(many.map(String));
  return methods().slice(1);
};

const EIGHT = Array.from({ length: 8 }, () => ["HEAD", "POST", "PUT"]).flat();
const four = (...each: readonly string[]) => Array.from({ length: 4 }, () => each).flat();

/** Answers a single POST in the registry's place. */
const onSinglePost = (answer: (digest: string, body: string) => Canned): void =>
  bench.faultOn(/POST .*[?]digest=/, (request, response) => {
    const digest = new URL(request.url ?? "", "http://any").searchParams.get("digest") ?? "";
    void text(request).then((body) => reply(response, answer(digest, body)));
  });

describe("small blobs of which many are absent", () => {
  it("are sent in one request each, where the registry takes that", async () => {
    onSinglePost((digest, body) => {
      bench.registry().blobs.set(`team/app@${digest}`, Buffer.from(body));
      return { status: 201, headers: { location: `/v2/team/app/blobs/${digest}` } };
    });
    expect(await writeAll()).toEqual([...EIGHT, ...four("POST")]);
  });

  it("go on as usual where it opens an upload instead", async () => {
    const [post, put, ...rest] = (await writeAll()).slice(EIGHT.length);
    expect([post, put]).toEqual(["POST", "PUT"]);
    expect(rest).toEqual(four("POST", "PUT").slice(2));
    expect(bench.registry().requests.filter(({ url }) => url.includes("uploads/?digest="))).toHaveLength(1);
  });

  it.each([201, 400, 405])("begin again where it answers %i and does not name the blob", async (status) => {
    onSinglePost(() => ({ status, headers: { location: "/v2/team/app/blobs/uploads/1" } }));
    expect(await writeAll()).toEqual([...EIGHT, "POST", ...four("POST", "PUT")]);
  });

  it("fail with the registry's no", async () => {
    onSinglePost(() => ({ status: 403, body: "not you" }));
    await expect(writeAll()).rejects.toMatchObject({ code: "AUTH_DENIED" });
    expect(methods().slice(1)).toEqual([...EIGHT, "POST"]);
  });

  it("are asked for where the first ones are there", async () => {
    await writeAll();
    const again = openTestClient()(`${bench.registry().host}/team/app`);
    expect(await writeAll(again)).toEqual(many.map(() => "HEAD"));
  });

  it("are asked for when they are large", async () => {
    await writeAll();
    bench.registry().requests.length = 0;
    const large = Buffer.alloc(20_000, "large");
    await bench.repository().writeBlob(ctx, { digest: digestOf(large), size: large.byteLength }, large);
    expect(methods()).toEqual(["HEAD", "POST", "PUT"]);
  });
});
