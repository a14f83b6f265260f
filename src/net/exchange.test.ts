import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { startExchange } from "#net/exchange.ts";
import type { BodySink } from "#net/exchange.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Outcomes of requests over one single connection, in order. */
const open = async (listener: RequestListener) => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const agent = new Agent({ connections: 1 });
  closing.push(
    () => agent.destroy(),
    () => server.close(),
  );
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const outcomes: string[] = [];
  return {
    outcomes,
    send: (path: string, signal = new AbortController().signal, over: Partial<BodySink> = {}) =>
      new Promise<void>((resolve) => {
        const note = (outcome: string): void => {
          outcomes.push(`${path} ${outcome}`);
          resolve();
        };
        const fail = (error: unknown): void => note((error as Error).message);
        startExchange(agent, { origin, path, method: "GET" }, signal, {
          open: ({ status }) => ({ write: () => true, end: () => note(`${status}`), fail, ...over }),
          fail,
        });
      }),
  };
};

const answer: RequestListener = (_request, response) => void response.end("ok");

describe("startExchange", () => {
  it("passes interim answers over", async () => {
    const { send, outcomes } = await open((_request, response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.end("ok");
    });
    await send("/a");
    expect(outcomes).toEqual(["/a 200"]);
  });

  it("does not send what was aborted while it waited for the connection", async () => {
    const seen: (string | undefined)[] = [];
    const { send, outcomes } = await open((request, response) => {
      seen.push(request.url);
      setTimeout(() => response.end(), 30);
    });
    const controller = new AbortController();
    const first = send("/first");
    const second = send("/second", controller.signal);
    const third = send("/third");
    controller.abort(new WaybillError("NETWORK_TIMEOUT", "late"));
    await second;
    expect(outcomes).toEqual(["/second late"]);
    await Promise.all([first, third]);
    expect(outcomes).toEqual(["/second late", "/first 200", "/third 200"]);
    expect(seen).toEqual(["/first", "/third"]);
  });

  it("ends once, with what the sink throws, and the next request gets a connection of its own", async () => {
    const { send, outcomes } = await open(answer);
    const write = (): never => {
      throw new WaybillError("LIMIT_EXCEEDED", "too much");
    };
    await send("/a", undefined, { write });
    await send("/b");
    expect(outcomes).toEqual(["/a too much", "/b 200"]);
  });

  it("leaves nothing behind at a signal that lives on", async () => {
    const { send } = await open(answer);
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    Object.assign(signal, {
      addEventListener: (...given: Parameters<typeof add>) => (listeners++, add(...given)),
      removeEventListener: (...given: Parameters<typeof remove>) => (listeners--, remove(...given)),
    });
    await Promise.all([send("/a", signal), send("/b", signal)]);
    expect(listeners).toBe(0);
  });
});
