import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { openListener } from "#net/openListener.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { LOOPBACK_TLS } from "../../test/fakes/loopbackTls.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };
const GRACE_MS = 60_000;

/** A server whose only answer waits until it is let go; plain or over TLS, with a client's way to it. */
const openBench = async (secure: boolean) => {
  const asked = Promise.withResolvers<void>();
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  const answer: RequestListener = (_, response) => {
    asked.resolve();
    void letGo.then(() => response.end("done"));
  };
  const server = secure ? createTlsServer(LOOPBACK_TLS, answer) : createServer(answer);
  const listener = await openListener(server, LOOPBACK);
  const port = Number(listener.address.split(":").at(-1));
  const dial = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port };
      const socket: Socket = secure
        ? connectTls({ ...options, ca: LOOPBACK_TLS.cert }, () => resolve(socket))
        : connect(options, () => resolve(socket));
      socket.once("error", reject);
    });
  return { listener, dial, asked: asked.promise, release };
};

/** Everything that a socket says until it is closed. */
const readToEnd = async (socket: Socket): Promise<string> => {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
};

describe.each([
  ["plain", false],
  ["over TLS", true],
] as const)("a listener, %s", (_, secure) => {
  it("closes at once where clients have only connected", async () => {
    const { listener, dial } = await openBench(secure);
    const socket = await dial();
    const ended = readToEnd(socket);
    await listener.close(GRACE_MS);
    expect(await ended).toBe("");
  });

  it("lets a request under way end", async () => {
    const { listener, dial, asked, release } = await openBench(secure);
    const socket = await dial();
    socket.write("GET / HTTP/1.1\r\nHost: any\r\n\r\n");
    await asked;
    const ended = readToEnd(socket);
    const closed = listener.close(GRACE_MS);
    release();
    expect(await ended).toContain("done");
    await closed;
  });

  it("ends a request that takes longer than the grace", async () => {
    const { listener, dial, asked } = await openBench(secure);
    const socket = await dial();
    socket.write("GET / HTTP/1.1\r\nHost: any\r\n\r\n");
    await asked;
    const ended = readToEnd(socket).catch(() => "");
    await listener.close(1);
    expect(await ended).toBe("");
  });
});

describe("an address", () => {
  it("that is taken is an error that names it", async () => {
    const { listener } = await openBench(false);
    const [host = "", port] = listener.address.split(":");
    const again = openListener(createServer(), { host, port: Number(port) });
    await expect(again).rejects.toThrow(`cannot listen on ${listener.address}: EADDRINUSE`);
    expect(await codeOfPromise(again)).toBe("USAGE_INVALID");
    await listener.close(1);
  });
});
