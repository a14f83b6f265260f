import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { ServerOptions } from "node:https";
import type { AddressInfo, LookupFunction } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { readProxies } from "#net/proxies.ts";
import { createTransport } from "#net/transport.ts";
import type { TransportOptions } from "#net/transport.ts";
import { startForwardProxy } from "../../test/fakes/forwardProxy.ts";
import type { ForwardProxy } from "../../test/fakes/forwardProxy.ts";
import { LOOPBACK_TLS } from "../../test/fakes/loopbackTls.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const servePlain = (listener: RequestListener): Promise<number> => listen(createServer(listener));
const serveTls = (listener: RequestListener, options: ServerOptions = {}): Promise<number> =>
  listen(createTlsServer({ ...LOOPBACK_TLS, ...options }, listener));

const openProxy = async (names: Readonly<Record<string, number>>): Promise<ForwardProxy> => {
  const proxy = await startForwardProxy(names);
  closing.push(proxy.close);
  return proxy;
};

const open = (options: Partial<TransportOptions>) => {
  const transport = createTransport({ version: "1", connectMs: 1000, answerMs: 1000, ...options });
  closing.push(transport.close);
  const quick = { now: () => Date.now(), jitter: () => 0, sleep: async () => {} };
  return (url: string, ctx = testCtx({ clock: quick })) =>
    transport.send(ctx, { method: "GET", url: new URL(url), headers: { authorization: "secret" }, maxBytes: 1000 });
};

const AUTH = `Basic ${Buffer.from("ann:hunter2").toString("base64")}`;

describe("through a proxy", () => {
  it("plain http goes to it whole, with its own credentials and not to the host", async () => {
    const port = await servePlain((request, response) => response.end(JSON.stringify([request.url, request.headers])));
    const proxy = await openProxy({ "far.example": port });
    const send = open({ proxies: readProxies({ http_proxy: `http://ann:hunter2@${proxy.host}` }) });
    const said = Buffer.from((await send("http://far.example:5000/v2/?n=1")).bytes).toString();
    expect(proxy.seen).toEqual([{ line: "GET http://far.example:5000/v2/?n=1", authorization: AUTH }]);
    expect(said).toContain('["/v2/?n=1",');
    expect(said).toContain('"host":"far.example:5000"');
    expect(said).not.toContain("proxy-authorization");
  });

  it("https goes through a tunnel, in which the proxy sees nothing, and which is kept", async () => {
    let calls = 0;
    const port = await serveTls((_request, response) => void response.end(`${++calls}`));
    const proxy = await openProxy({ localhost: port, "far.example": port });
    const choice = readProxies({ HTTPS_PROXY: `ann:hunter2@${proxy.host}` });
    const named = open({
      ca: LOOPBACK_TLS.cert,
      identity: { serverName: "localhost", isFor: () => true },
      proxies: choice,
    });
    await named("https://far.example:5000/v2/");
    for (let more = 0; more < 8; more++) await named("https://far.example:5000/v2/");
    expect(calls).toBe(9);
    expect(proxy.seen).toContainEqual({ line: "CONNECT far.example:5000", authorization: AUTH });
    expect(proxy.seen.length).toBeLessThan(4);
    await expect(open({ ca: LOOPBACK_TLS.cert, proxies: choice })("https://far.example/")).rejects.toMatchObject({
      details: { reason: "certificate" },
    });
  });

  it.each([
    [407, "wants other credentials", "proxy"],
    [403, "does not let this host be reached", "proxy"],
    [503, "cannot reach the host", "refused"],
  ])("tells its refusal %i for what it is", async (status, words, reason) => {
    const proxy = await openProxy({});
    proxy.refuse = status;
    const send = open({ proxies: readProxies({ HTTPS_PROXY: `http://ann:hunter2@${proxy.host}` }) });
    const refused = send("https://far.example/v2/");
    await expect(refused).rejects.toMatchObject({ code: "NETWORK_FAILED", details: { reason } });
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.not.toThrow(/hunter2|ann:/);
  });

  it("tells that it wants credentials for plain http, too", async () => {
    const proxy = await openProxy({});
    proxy.refuse = 407;
    const send = open({ proxies: readProxies({ HTTP_PROXY: `http://${proxy.host}` }) });
    await expect(send("http://far.example/v2/")).rejects.toThrow(`the proxy ${proxy.host} answers 407`);
  });

  it("tells a proxy that is not there from a registry that is not there", async () => {
    const port = await servePlain(() => {});
    await closing.pop()?.();
    const proxies = readProxies({ HTTP_PROXY: `127.0.0.1:${port}`, HTTPS_PROXY: `127.0.0.1:${port}` });
    for (const scheme of ["http", "https"])
      await expect(open({ proxies })(`${scheme}://far.example/`)).rejects.toThrow(
        `the proxy 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
      );
  });

  it("gives up on one that is silent", async () => {
    const port = await listen(createServer().on("connect", () => undefined));
    const send = open({ connectMs: 50, proxies: readProxies({ HTTPS_PROXY: `127.0.0.1:${port}` }) });
    await expect(send("https://far.example/")).rejects.toMatchObject({ code: "NETWORK_TIMEOUT" });
  });

  it("is itself reached over TLS where it says https", async () => {
    const port = await serveTls((_request, response) => void response.end("there"));
    const outer = await serveTls((_request, response) => void response.writeHead(418).end());
    const send = open({ ca: LOOPBACK_TLS.cert, proxies: readProxies({ HTTP_PROXY: `https://localhost:${outer}` }) });
    expect((await send("http://far.example/")).status).toBe(418);
    expect((await send(`https://localhost:${port}/`)).status).toBe(200);
  });
});

describe("a client certificate", () => {
  it("is shown to the hosts that it is for, and to no other", async () => {
    const shows: RequestListener = (request, response) =>
      void response.end(`${(request.socket as TLSSocket).getPeerX509Certificate()?.subject ?? "nobody"}`);
    const port = await serveTls(shows, { requestCert: true, rejectUnauthorized: false, ca: LOOPBACK_TLS.cert });
    const identity = {
      cert: LOOPBACK_TLS.cert,
      key: LOOPBACK_TLS.key,
      isFor: (host: string) => host === `localhost:${port}`,
    };
    const send = open({ ca: LOOPBACK_TLS.cert, identity });
    expect(Buffer.from((await send(`https://localhost:${port}/`)).bytes).toString()).toBe("CN=loopback test");
    expect(Buffer.from((await send(`https://127.0.0.1:${port}/`)).bytes).toString()).toBe("nobody");
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("that is missing is told as that, with %s", async (maxVersion) => {
    const asks = { requestCert: true, rejectUnauthorized: true, ca: LOOPBACK_TLS.cert, maxVersion };
    const port = await serveTls((_request, response) => void response.end("there"), asks);
    // The alert and the handing over of the connection race each other.
    for (let round = 0; round < 20; round++)
      await expect(open({ ca: LOOPBACK_TLS.cert })(`https://localhost:${port}/`)).rejects.toMatchObject({
        code: "NETWORK_FAILED",
        details: { reason: "identity" },
        hint: expect.stringContaining("--registry-client-cert") as string,
      });
  });
});

describe("attack 48: a redirect to a name of this machine", () => {
  const to: LookupFunction = (_hostname, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);

  const redirect = async () => {
    let reached = 0;
    const storage = await serveTls((_request, response) => {
      reached++;
      response.end("there");
    });
    const target = `https://metadata.test:${storage}/latest/`;
    const registry = await serveTls((_request, response) => response.writeHead(307, { location: target }).end());
    return { registry, reached: () => reached };
  };

  it("is not followed from elsewhere, though the name looks like any other", async () => {
    const { registry, reached } = await redirect();
    const proxy = await openProxy({ "registry.test": registry });
    const proxies = readProxies({ HTTPS_PROXY: `http://${proxy.host}`, NO_PROXY: "metadata.test" });
    const send = open({ allowInsecure: true, proxies, lookup: to });
    await expect(send("https://registry.test/v2/")).rejects.toMatchObject({
      code: "REGISTRY_PROTOCOL",
      message: expect.stringContaining("refused a redirect to metadata.test") as string,
    });
    expect(reached()).toBe(0);
  });

  it("is followed from a registry that is on this machine itself", async () => {
    const { registry, reached } = await redirect();
    const send = open({ allowInsecure: true, lookup: to });
    expect((await send(`https://registry.test:${registry}/v2/`)).status).toBe(200);
    expect(reached()).toBe(1);
  });
});
