import { describe, expect, it } from "vitest";
import type { HttpRequest, Send } from "#net/send.ts";
import { throttledSend } from "#net/throttledSend.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const request: HttpRequest = { method: "GET", url: new URL("https://r.example/v2/"), headers: {}, maxBytes: 0 };
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A host that answers when it is told to. */
const host = (perHost = 8) => {
  const waiting: ((said: Said) => void)[] = [];
  const inner: Send = ({ signal }, { url }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      waiting.push(({ status, headers = {} }) => resolve({ status, headers, url, bytes: new Uint8Array() }));
    });
  const send = throttledSend(inner, perHost);
  const answer = async (said: Said, count = waiting.length): Promise<void> => {
    for (const one of waiting.splice(0, count)) one(said);
    await tick();
  };
  return { send, answer, underWay: () => waiting.length };
};

describe("throttledSend", () => {
  it("halves what is under way once for all refusals of a moment, and recovers", async () => {
    const { send, answer, underWay } = host();
    const ctx = testCtx({ clock: manualClock() });
    const all = Array.from({ length: 200 }, () => send(ctx, request));
    await tick();
    expect(underWay()).toBe(8);
    await answer({ status: 429 });
    expect(underWay()).toBe(4);
    for (let round = 0; round < 4; round++) await answer({ status: 200 });
    expect(underWay()).toBe(5);
    while (underWay() > 0) await answer({ status: 200 });
    await Promise.all(all);
    const later = Array.from({ length: 9 }, () => send(ctx, request));
    await tick();
    expect(underWay()).toBe(8);
    while (underWay() > 0) await answer({ status: 200 });
    await Promise.all(later);
  });

  it("sends one at a time in the end, never none", async () => {
    const { send, answer, underWay } = host();
    const ctx = testCtx({ clock: manualClock() });
    const all = Array.from({ length: 40 }, () => send(ctx, request));
    await tick();
    for (let round = 0; round < 6; round++) await answer({ status: 429 });
    expect(underWay()).toBe(1);
    while (underWay() > 0) await answer({ status: 200 });
    expect(await Promise.all(all)).toHaveLength(40);
  });

  it("sends nothing more before the time that the host named, unless that is beyond reason", async () => {
    const clock = manualClock();
    const { send, answer, underWay } = host(1);
    const ctx = testCtx({ clock });
    const [first, second] = [send(ctx, request), send(ctx, request)];
    await tick();
    await answer({ status: 503, headers: { "retry-after": "7" } });
    expect((await first).status).toBe(503);
    clock.advance(6999);
    await tick();
    expect(underWay()).toBe(0);
    clock.advance(1);
    await tick();
    expect(underWay()).toBe(1);
    await answer({ status: 429, headers: { "retry-after": "86400" } });
    await second;
    const third = send(ctx, request);
    await tick();
    await answer({ status: 200 });
    expect((await third).status).toBe(200);
  });

  it("holds up no other host, no upload that streams, and nobody who gave up", async () => {
    const { send, answer, underWay } = host(1);
    const clock = manualClock();
    const ctx = testCtx({ clock });
    const stop = new AbortController();
    const first = send(ctx, request);
    const given = send(testCtx({ clock, signal: stop.signal }), request);
    const last = send(ctx, request);
    const chunks = (async function* () {})();
    const streamed = send(ctx, { ...request, body: { length: 0, chunks } });
    const other = send(ctx, { ...request, url: new URL("https://other.example/") });
    await tick();
    expect(underWay()).toBe(3);
    stop.abort();
    await expect(given).rejects.toMatchObject({ code: "ABORTED" });
    while (underWay() > 0) await answer({ status: 200 });
    await Promise.all([first, last, streamed, other]);
  });

  it("gives a place back after a failure", async () => {
    let calls = 0;
    const send = throttledSend(async () => {
      calls++;
      throw new Error("broken");
    }, 1);
    for (let more = 0; more < 3; more++) await expect(send(testCtx(), request)).rejects.toThrow("broken");
    expect(calls).toBe(3);
  });
});
