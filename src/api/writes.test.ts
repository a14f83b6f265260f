import { describe, expect, it } from "vitest";
import { createToken } from "#app/createToken.ts";
import { WaybillError } from "#core/errors.ts";
import { newSecret } from "#main/newSecret.ts";
import { uuidv7 } from "#main/uuidv7.ts";
import { openApiBench } from "../../test/fakes/apiBench.ts";

const BUILDS = "/v1/apps/my-app/builds";
const FACTS = { build_id: "build-3", source: "https://git.example/my-app", parameters: { a: "b" } };

describe("registering and issuing", async () => {
  const bench = await openApiBench();
  const token = bench.tokens.builder;
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    bench.call(path, { method: "POST", token, body, headers });

  it("registers once, knows the same again, and refuses other facts", async () => {
    const first = await post(BUILDS, FACTS);
    expect([first.status, first.headers.get("Location")]).toEqual([201, "/v1/apps/my-app/builds/build-3"]);
    const again = await post(`/api${BUILDS}`, FACTS);
    expect([again.status, again.text]).toEqual([200, first.text]);
    const other = await post(BUILDS, { ...FACTS, commit_sha: "else" });
    expect([other.status, other.problem().code]).toEqual([409, "build-conflict"]);
  });

  it("issues, follows and cancels an operation", async () => {
    const answer = await post(`${BUILDS}/build-3/issue`, { image: bench.image });
    const location = answer.headers.get("Location") ?? "";
    expect([answer.status, location]).toEqual([202, `/v1/operations/${String(answer.json()["id"])}`]);
    expect((await post(`${BUILDS}/build-3/issue`, { image: bench.image })).text).toBe(answer.text);
    expect((await bench.call(location, { token })).json()).toMatchObject({ state: "pending", build_id: "build-3" });
    const cancelled = await bench.call(`${location}/cancel`, { method: "POST", token });
    expect([cancelled.status, cancelled.json()["state"]]).toEqual([200, "cancelled"]);
    const over = await bench.call(`${location}/cancel`, { method: "POST", token });
    expect([over.status, over.problem().code]).toEqual([409, "operation-over"]);
  });

  it.each([
    ["registry.evil/x/y", 403, "repository-denied"],
    ["169.254.169.254/x", 422, "input-invalid"],
    ["../../etc/passwd", 422, "reference-invalid"],
  ])("does not issue for %s", async (name, status, code) => {
    const answer = await post(`${BUILDS}/build-2/issue`, { image: `${name}@${bench.digest}` });
    expect([answer.status, answer.problem().code]).toEqual([status, code]);
  });

  it("points at the field that a use case refuses", async () => {
    const answer = await post(BUILDS, { build_id: "build-4", source: "no uri" });
    expect(answer.problem()).toMatchObject({ status: 422, errors: [{ pointer: "/body/source", code: "invalid" }] });
  });

  it("makes and revokes tokens, showing the secret once", async () => {
    const { operator } = bench.tokens;
    const make = {
      method: "POST",
      token: operator,
      body: { name: "ci of a team", role: "reader", expires_in_s: 3600 },
    };
    const keyed = { ...make, headers: { "Idempotency-Key": "once" } };
    const made = (await bench.call("/v1/tokens", keyed)).json();
    const secret = String(made["secret"]);
    expect((await bench.call("/v1/apps", { token: secret })).status).toBe(200);
    const repeated = (await bench.call("/v1/tokens", keyed)).json();
    expect(repeated).toEqual({ ...made, secret: undefined });
    const listed = await bench.call("/v1/tokens", { token: operator });
    expect(listed.text).not.toContain(secret);
    expect(listed.text).not.toContain("hash");
    bench.clock.advance(3600_000);
    expect((await bench.call("/v1/apps", { token: secret })).status).toBe(401);
    const gone = await bench.call(`/v1/tokens/${String(made["id"])}`, { method: "DELETE", token: operator });
    expect(gone.status).toBe(204);
    expect(bench.logged.join("\n")).not.toContain(secret);
  });
});

describe("Idempotency-Key", async () => {
  const bench = await openApiBench();
  const token = bench.tokens.builder;
  const post = (key: string, body: unknown, path = BUILDS): ReturnType<typeof bench.call> =>
    bench.call(path, { method: "POST", token, body, headers: { "Idempotency-Key": key } });

  it("gives the first answer again, for a day", async () => {
    const first = await post("one", FACTS);
    expect(first.status).toBe(201);
    const again = await post("one", FACTS, `/api${BUILDS}`);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(again.headers.get("Location")).toBe(first.headers.get("Location"));
    bench.clock.advance(24 * 60 * 60_000);
    expect((await post("one", FACTS)).status).toBe(200);
  });

  it("is for one request", async () => {
    await post("two", FACTS);
    const other = await post("two", { ...FACTS, build_id: "build-8" });
    expect([other.status, other.problem().code]).toEqual([422, "idempotency-mismatch"]);
    const another = await post("two", FACTS, "/v1/apps/other-app/builds");
    expect(another.problem().code).toBe("idempotency-mismatch");
  });

  it("is busy while the first request is under way, and free again when that failed", async () => {
    const gate = Promise.withResolvers<never>();
    const begun = Promise.withResolvers<void>();
    const slow = await openApiBench({
      createToken: () => {
        begun.resolve();
        return gate.promise;
      },
    });
    const call = {
      method: "POST",
      token: slow.tokens.operator,
      body: { name: "x", role: "reader" },
      headers: { "Idempotency-Key": "k" },
    };
    const first = slow.call("/v1/tokens", call);
    await begun.promise;
    const second = await slow.call("/v1/tokens", call);
    expect([second.status, second.problem().code]).toEqual([409, "idempotency-busy"]);
    expect(second.headers.get("Retry-After")).toBe("1");
    gate.reject(new WaybillError("STORE_FAILED", "the secret path /data/x is full"));
    const failed = await first;
    expect([failed.status, failed.problem().code]).toEqual([500, "store-failed"]);
    expect(failed.text).not.toContain("/data/x");
    expect(slow.logged.join()).not.toContain(slow.tokens.operator);
    expect((await slow.call("/v1/tokens", call)).status).toBe(500);
  });

  const asked = { name: "x", role: "reader" };
  const namesOf = async (one: typeof bench): Promise<readonly unknown[]> => {
    const { items } = (await one.call("/v1/tokens", { token: one.tokens.operator })).json();
    return (items as readonly { readonly name: string }[]).map(({ name }) => name).filter((name) => name === "x");
  };

  it("makes one token, also where the process dies before it answers", async () => {
    let dies = true;
    const mortal: typeof bench = await openApiBench({
      createToken: async (ctx, input) => {
        const made = await createToken({ store: mortal.store, newId: uuidv7, newSecret })(ctx, input);
        if (dies) throw new RangeError("the process is gone");
        return made;
      },
    });
    const { operator } = mortal.tokens;
    const call = { method: "POST", token: operator, body: asked, headers: { "Idempotency-Key": "k" } };
    expect((await mortal.call("/v1/tokens", call)).status).toBe(500);
    dies = false;
    const again = await mortal.call("/v1/tokens", call);
    expect([again.status, again.headers.get("Idempotency-Replayed")]).toEqual([201, "true"]);
    expect(again.json()["secret"]).toBeUndefined();
    expect(await namesOf(mortal)).toEqual(["x"]);
  });

  it("asks and cancels once, also where the process dies before it answers", async () => {
    let dies = false;
    const orDie = async <T>(step: Promise<T>): Promise<T> => {
      const done = await step;
      if (dies) throw new RangeError("the process is gone");
      return done;
    };
    const mortal = await openApiBench((own) => ({
      requestIssue: (ctx, input) => orDie(own.requestIssue(ctx, input)),
      cancelOperation: (ctx, input) => orDie(own.cancelOperation(ctx, input)),
    }));
    const send = async (path: string, key: string, body: unknown): ReturnType<typeof bench.call> =>
      mortal.call(path, { method: "POST", token: mortal.tokens.builder, body, headers: { "Idempotency-Key": key } });
    const issue = () => send(`${BUILDS}/build-2/issue`, "issue", { image: mortal.image, rerun: true });
    dies = true;
    expect((await issue()).status).toBe(500);
    dies = false;
    const first = await issue();
    expect([first.status, first.headers.get("Idempotency-Replayed")]).toEqual([202, "true"]);
    const location = first.headers.get("Location") ?? "";
    dies = true;
    const cancel = () => send(`${location}/cancel`, "cancel", {});
    expect((await cancel()).status).toBe(500);
    dies = false;
    const second = await cancel();
    expect([second.status, second.json()["state"]]).toEqual([200, "cancelled"]);
    expect((await issue()).headers.get("Location")).toBe(location);
  });

  it("makes one token, also where a repeat overtakes a request that hangs", async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let hangs = true;
    const slow: typeof bench = await openApiBench({
      createToken: async (ctx, input) => {
        begun.resolve();
        if (hangs) await gate.promise;
        return createToken({ store: slow.store, newId: uuidv7, newSecret })(ctx, input);
      },
    });
    const call = { method: "POST", token: slow.tokens.operator, body: asked, headers: { "Idempotency-Key": "k" } };
    const first = slow.call("/v1/tokens", call);
    await begun.promise;
    hangs = false;
    slow.clock.advance(60_000);
    expect((await slow.call("/v1/tokens", call)).status).toBe(201);
    gate.resolve();
    expect((await first).problem().code).toBe("idempotency-busy");
    expect(await namesOf(slow)).toEqual(["x"]);
    expect((await slow.call("/v1/tokens", call)).headers.get("Idempotency-Replayed")).toBe("true");
  });

  it("is visible ASCII", async () => {
    const answer = await post("a b", FACTS);
    expect(answer.problem()).toMatchObject({ status: 400, errors: [{ pointer: "/header/idempotency-key" }] });
  });
});

describe("bodies", async () => {
  const bench = await openApiBench();
  const token = bench.tokens.builder;
  const send = (body: unknown, type = "application/json"): ReturnType<typeof bench.call> =>
    bench.call(BUILDS, { method: "POST", token, body, headers: { "Content-Type": type } });

  it.each([
    ['{"build_id":"a","build_id":"b"}', "/body"],
    ["{", "/body"],
    ["", "/body"],
    [`{"build_id":"a","parameters":${'{"a":'.repeat(20)}1${"}".repeat(20)}}`, "/body"],
    [`{"build_id":"a","parameters":{"__proto__":"x"}}`, "/body"],
    [`{"build_id":"a","parameters":{"b":"c"},"__proto__":{"source":"y"}}`, "/body"],
    [[], "/body"],
    [{}, "/body/build_id"],
    [{ build_id: "a\r\nSet-Cookie: x=y" }, "/body/build_id"],
    [{ build_id: "../x" }, "/body/build_id"],
    [{ build_id: "a", parameters: { "x/y": 1 } }, "/body/parameters/x~1y"],
    [{ build_id: "a", source: "x\u0000" }, "/body/source"],
    [{ build_id: "a", builder: "x".repeat(300) }, "/body/builder"],
  ])("refuses %j at %s", async (body, pointer) => {
    const answer = await send(body);
    expect([answer.status, answer.problem().code]).toEqual([400, "request-invalid"]);
    expect(answer.problem().errors?.map((one) => one.pointer)).toContain(pointer);
  });

  it("wants JSON, also where no body is needed", async () => {
    expect((await send("{}", "text/plain")).problem().code).toBe("type-unsupported");
    expect((await send("a=b", "application/x-www-form-urlencoded")).status).toBe(415);
    expect((await send(FACTS, "application/json; charset=utf-8")).status).toBe(201);
    const path = "/v1/operations/019b7a31-2c40-7000-8000-000000000001/cancel";
    const cancel = { method: "POST", token, headers: { "Content-Type": "text/plain" } };
    expect((await bench.call(path, cancel)).status).toBe(415);
  });

  it("takes 256 KiB and not one byte more, announced or not", async () => {
    const large = JSON.stringify({ build_id: "a", source: "x".repeat(256 * 1024) });
    expect((await send(large)).problem().code).toBe("body-too-large");
    const lying = { method: "POST", token, body: "{}", headers: { "Content-Length": "9999999" } };
    expect((await bench.call(BUILDS, lying)).status).toBe(413);
  });

  it("does not wait for a slow one", async () => {
    const body = new ReadableStream({ pull: () => new Promise(() => undefined) });
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
    const init = { method: "POST", headers, body, duplex: "half" } as const;
    const answer = bench.api.fetch(new Request(`http://x${BUILDS}`, init as RequestInit), { address: "x" });
    const waiting = setInterval(() => bench.clock.advance(5000), 5);
    const response = await answer;
    clearInterval(waiting);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("too-slow");
  });
});
