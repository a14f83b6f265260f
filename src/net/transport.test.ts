import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { HttpRequest } from "#net/send.ts";
import { createTransport } from "#net/transport.ts";
import type { TransportOptions } from "#net/transport.ts";
import { LOOPBACK_TLS } from "../../test/fakes/loopbackTls.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const listen = async (server: Server, scheme: string): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener), "http");

const open = (options: Partial<TransportOptions> = {}) => {
  const transport = createTransport({ version: "1.2.3", ...options });
  closing.push(transport.close);
  const quick = { now: () => Date.now(), jitter: () => 0, sleep: async () => {} };
  return (url: string, request: Partial<HttpRequest> = {}, ctx: Ctx = testCtx({ clock: quick })) =>
    transport.send(ctx, { method: "GET", url: new URL(url), headers: {}, maxBytes: 1000, ...request });
};

const collect = async (chunks: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks ?? []) all.push(chunk);
  return Buffer.concat(all).toString();
};

describe("createTransport", () => {
  it("says who it is, to Harbor's liking, and never inflates (attack 28)", async () => {
    const packed = gzipSync("x".repeat(1000));
    const url = await serve((request, response) => {
      response.setHeader("seen", `${request.headers["user-agent"]} ${request.headers["accept-encoding"]}`);
      response.setHeader("content-encoding", "gzip");
      response.end(packed);
    });
    const answer = await open()(url);
    expect(answer.headers["seen"]).toBe("cosign/compatible waybill/1.2.3 identity");
    expect(Buffer.from(answer.bytes).equals(packed)).toBe(true);
  });

  it("attack 27: caps a body by its announced length and by its counted bytes", async () => {
    const announced = await serve((_request, response) => void response.end("x".repeat(1001)));
    const counted = await serve((_request, response) => {
      response.writeHead(200);
      const flood = setInterval(() => response.write("y".repeat(400)), 1);
      response.on("close", () => clearInterval(flood));
    });
    const send = open();
    await expect(send(announced)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    await expect(send(counted)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect((await send(announced, { maxBytes: 1001 })).bytes).toHaveLength(1001);
  });

  it("cuts the body of a failure instead", async () => {
    const url = await serve((_request, response) => {
      response.statusCode = 400;
      response.end("x".repeat(10_000_000));
    });
    const answer = await open()(url);
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.bytes).toHaveLength(64 * 1024);
  });

  it("ends when no answer comes", async () => {
    const url = await serve(() => {});
    await expect(open({ answerMs: 50 })(url)).rejects.toMatchObject({ code: "NETWORK_TIMEOUT" });
  });

  it("attack 32: ends a body that stalls, and one that drips", async () => {
    const stalls = await serve(
      (_request, response) => void response.writeHead(200, { "content-length": 9 }).write("x"),
    );
    const drips = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    const send = open({ stallMs: 150 });
    for (const url of [stalls, drips]) {
      await expect(send(url)).rejects.toMatchObject({ code: "NETWORK_TIMEOUT" });
      const { stream } = await send(url, { streamed: true });
      await expect(collect(stream?.chunks)).rejects.toMatchObject({ code: "NETWORK_TIMEOUT" });
    }
  });

  it("does not blame the sender for a slow reader", async () => {
    const url = await serve((_request, response) => void response.end("x".repeat(3_000_000)));
    const { stream } = await open({ stallMs: 50 })(url, { streamed: true });
    let size = 0;
    for await (const chunk of stream?.chunks ?? []) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 300));
      size += chunk.byteLength;
    }
    expect(size).toBe(3_000_000);
  });

  it("sends again after a connection that broke, within the body too", async () => {
    let calls = 0;
    const url = await serve((request, response) => {
      calls++;
      if (calls === 1) return void request.socket.destroy();
      response.writeHead(200, { "content-length": 6 });
      if (calls === 2) return void response.write("abc", () => request.socket.destroy());
      return void response.end("abcdef");
    });
    expect(Buffer.from((await open()(url)).bytes).toString()).toBe("abcdef");
    expect(calls).toBe(3);
  });

  it("tells a refused connection and a name that is not there", async () => {
    const gone = await serve(() => {});
    await closing.pop()?.();
    const send = open();
    await expect(send(gone)).rejects.toMatchObject({ code: "NETWORK_FAILED", details: { reason: "refused" } });
    await expect(send("http://nowhere.invalid/?secret")).rejects.toMatchObject({
      code: "NETWORK_FAILED",
      details: { reason: "name" },
      message: expect.not.stringContaining("secret") as string,
    });
  });

  it("ends at once when aborted, with the reason of the signal", async () => {
    const url = await serve(() => {});
    const late = new WaybillError("NETWORK_TIMEOUT", "not done after 3 s");
    const controller = new AbortController();
    setTimeout(() => controller.abort(late), 20);
    const send = open();
    await expect(send(url, {}, testCtx({ signal: controller.signal }))).rejects.toBe(late);
    await expect(send(url, {}, testCtx({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("aborts in the middle of a stream, and lets go of one that is not wanted", async () => {
    const closed: Promise<void>[] = [];
    const url = await serve((_request, response) => {
      closed.push(new Promise((resolve) => response.on("close", resolve)));
      response.writeHead(200).write("x");
    });
    const controller = new AbortController();
    const send = open();
    const { stream } = await send(url, { streamed: true }, testCtx({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 20);
    await expect(collect(stream?.chunks)).rejects.toMatchObject({ code: "ABORTED" });
    (await send(url, { streamed: true })).stream?.discard();
    await Promise.all(closed);
    expect(closed).toHaveLength(2);
  });

  it("has no more than so many connections to a host", async () => {
    let now = 0;
    let most = 0;
    const url = await serve((_request, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.end();
      }, 10);
    });
    const send = open({ perHost: 3 });
    await Promise.all(Array.from({ length: 12 }, () => send(url)));
    expect(most).toBe(3);
  });

  it("passes what comes from a host on to the same host, with as many at once as there are connections", async () => {
    const url = await serve((request, response) => {
      if (request.method === "GET") return void response.end("x".repeat(300_000));
      return void collect(request).then((body) => response.end(`${body.length}`));
    });
    const send = open({ perHost: 2 });
    const passOn = async (): Promise<string> => {
      const chunks = (async function* () {
        yield* (await send(url, { streamed: true })).stream?.chunks ?? [];
      })();
      return Buffer.from((await send(url, { method: "PUT", body: { length: 300_000, chunks } })).bytes).toString();
    };
    expect(await Promise.all([passOn(), passOn(), passOn(), passOn()])).toEqual(Array(4).fill("300000"));
  });

  it("streams a body out with its length, and lets the source's own error through", async () => {
    const url = await serve((request, response) => {
      void collect(request).then((body) => response.end(`${request.headers["content-length"]} ${body}`));
    });
    const send = open();
    const body = async function* () {
      yield Buffer.from("ab");
      yield Buffer.from("cd");
    };
    const sent = await send(url, { method: "PUT", body: { length: 4, chunks: body() } });
    expect(Buffer.from(sent.bytes).toString()).toBe("4 abcd");
    const failing = async function* () {
      yield Buffer.from("ab");
      throw new WaybillError("DIGEST_MISMATCH", "no");
    };
    await expect(send(url, { method: "PUT", body: { length: 4, chunks: failing() } })).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });
  });

  it("checks certificates, unless given the authority or told not to", async () => {
    const url = await listen(
      createTlsServer(LOOPBACK_TLS, (_request, response) => void response.end("tls")),
      "https",
    );
    await expect(open()(url)).rejects.toMatchObject({ code: "NETWORK_FAILED", details: { reason: "certificate" } });
    expect((await open({ ca: LOOPBACK_TLS.cert })(url)).status).toBe(200);
    expect((await open({ allowInsecure: true })(url)).status).toBe(200);
  });

  it("knows an answer that is not TLS", async () => {
    const url = await serve((_request, response) => void response.end());
    await expect(open()(url.replace("http:", "https:"))).rejects.toMatchObject({ details: { reason: "plain" } });
  });
});
