import { describe, expect, it } from "vitest";
import type { ProgressEvent } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { retryingSend } from "#net/retryingSend.ts";
import type { HttpAnswer, HttpRequest } from "#net/send.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const GET: HttpRequest = { method: "GET", url: new URL("https://host.test/v2/?secret=1"), headers: {}, maxBytes: 10 };

const answer = (status: number, headers: HttpAnswer["headers"] = {}): HttpAnswer => ({
  status,
  headers,
  url: GET.url,
  bytes: new Uint8Array(),
});

const broken = (reason: string): WaybillError => new WaybillError("NETWORK_FAILED", reason, { details: { reason } });

/** Plays the outcomes in turn, the last one for ever; sleeps are only noted. */
const play = (...outcomes: (HttpAnswer | WaybillError)[]) => {
  const sleeps: number[] = [];
  const events: ProgressEvent[] = [];
  let sent = 0;
  const clock = { now: () => 0, jitter: () => 0, sleep: async (ms: number) => void sleeps.push(ms) };
  const ctx = testCtx({ clock, emit: (event) => void events.push(event) });
  const send = retryingSend(async () => {
    const outcome = outcomes[Math.min(sent++, outcomes.length - 1)];
    if (outcome === undefined || outcome instanceof WaybillError) throw outcome ?? broken("nothing to play");
    return outcome;
  });
  return { send: (request: HttpRequest) => send(ctx, request), sleeps, events, sent: () => sent };
};

describe("retryingSend", () => {
  it.each([408, 429, 500, 502, 503, 504])("sends again after %i", async (status) => {
    const play1 = play(answer(status), answer(200));
    expect((await play1.send(GET)).status).toBe(200);
    expect(play1.sleeps).toEqual([100]);
  });

  it.each([200, 201, 301, 400, 401, 403, 404, 412, 501])("takes %i as it is", async (status) => {
    const once = play(answer(status));
    expect((await once.send(GET)).status).toBe(status);
    expect(once.sent()).toBe(1);
  });

  it.each(["refused", "reset", "closed", "cut"])("sends again after a connection that was %s", async (reason) => {
    const again = play(broken(reason), answer(200));
    expect((await again.send(GET)).status).toBe(200);
  });

  it.each([
    ["a connection that broke", broken("reset"), true],
    ["a server that broke", answer(502), true],
    ["a connection that was refused", broken("refused"), undefined],
    ["a server that wanted less", answer(429), undefined],
  ])("says whether the request may have been carried out before: after %s", async (_what, first, repeated) => {
    expect((await play(first, answer(200)).send(GET)).repeated).toBe(repeated);
  });

  it.each(["certificate", "name", "plain", "timeout"])("does not send again where the reason is %s", async (reason) => {
    const once = play(broken(reason), answer(200));
    await expect(once.send(GET)).rejects.toMatchObject({ code: "NETWORK_FAILED" });
    expect(once.sent()).toBe(1);
  });

  it("waits longer each time, then gives the last answer or error", async () => {
    const statuses = play(answer(503));
    expect((await statuses.send(GET)).status).toBe(503);
    expect(statuses.sleeps).toEqual([100, 200, 400, 800]);
    const errors = play(broken("reset"));
    await expect(errors.send(GET)).rejects.toMatchObject({ code: "NETWORK_FAILED" });
    expect(errors.sent()).toBe(5);
  });

  it("heeds Retry-After, and asks no more when it asks for too long", async () => {
    const patient = play(answer(429, { "retry-after": "30" }), answer(200));
    expect((await patient.send(GET)).status).toBe(200);
    expect(patient.sleeps).toEqual([30_000]);
    const never = play(answer(429, { "retry-after": "3600" }), answer(200));
    expect((await never.send(GET)).status).toBe(429);
    expect(never.sleeps).toEqual([]);
  });

  it("tells each repetition, without the query", async () => {
    const two = play(answer(503), broken("reset"), answer(200));
    await two.send(GET);
    expect(two.events).toEqual([
      { kind: "retry", what: "GET https://host.test/v2/", attempt: 1, delayMs: 100, reason: "status 503" },
      { kind: "retry", what: "GET https://host.test/v2/", attempt: 2, delayMs: 200, reason: "connection reset" },
    ]);
  });

  it("repeats bytes, but never a streamed body nor what must go once", async () => {
    const bytes = play(answer(500), answer(201));
    expect((await bytes.send({ ...GET, method: "PUT", body: Buffer.from("x") })).status).toBe(201);
    const streamed = play(answer(500), answer(201));
    const body = { length: 0, chunks: (async function* () {})() };
    expect((await streamed.send({ ...GET, method: "PUT", body })).status).toBe(500);
    const once = play(answer(500), answer(200));
    expect((await once.send({ ...GET, once: true })).status).toBe(500);
  });
});
