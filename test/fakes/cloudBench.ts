import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { Send } from "#net/send.ts";
import { undiciSend } from "#net/undiciSend.ts";
import type { CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { manualClock } from "./manualClock.ts";
import { testCtx } from "./testCtx.ts";

/** A request as a cloud's service got it; `host` is whom it was meant for. */
export interface CloudCall {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CloudAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const START = Date.UTC(2026, 10, 21, 12);

/**
 * The services of a cloud on one loopback port: every request goes over a real socket and says whom it was meant for. Hosts
 * that no handler knows do not answer, as a metadata service outside of its cloud.
 */
export const benchCloud = () => {
  const calls: CloudCall[] = [];
  let handlers: Readonly<Record<string, (call: CloudCall) => CloudAnswer>> = {};
  let env: Record<string, string> = {};
  let files: Record<string, string> = {};
  let clock = manualClock(START);
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const host = String(request.headers["x-meant-for"]);
      const call = { method: request.method ?? "", host, path: request.url ?? "", headers: request.headers, body };
      calls.push(call);
      const { status = 200, headers = {}, body: text = "" } = handlers[host]?.(call) ?? { status: 599 };
      response.writeHead(status, headers);
      response.end(typeof text === "string" ? text : JSON.stringify(text));
    })();
  });
  const pool = undiciSend({ perHost: 4, connectMs: 1000, answerMs: 5000, stallMs: 5000, insecure: false });
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
  afterAll(async () => {
    await pool.close();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    calls.length = 0;
    [handlers, env, files, clock] = [{}, {}, {}, manualClock(START)];
  });

  const send: Send = (ctx, request) => {
    if (handlers[request.url.host] === undefined)
      throw new WaybillError("NETWORK_FAILED", `nobody is at ${request.url.host}`);
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    url.pathname = request.url.pathname;
    url.search = request.url.search;
    return pool.send(ctx, { ...request, url, headers: { ...request.headers, "x-meant-for": request.url.host } });
  };
  const deps: CloudDeps = {
    send,
    sendToMachine: send,
    get env() {
      return env;
    },
    readFile: async (_ctx, path) => {
      const text = files[path];
      if (text === undefined) throw new WaybillError("CONFIG_INVALID", `there is no file ${path}`);
      return Buffer.from(text);
    },
  };
  return {
    deps,
    calls,
    ctx: () => testCtx({ clock }),
    advance: (ms: number) => clock.advance(ms),
    /** Services by host. */
    serve: (given: typeof handlers) => void (handlers = given),
    given: (variables: Record<string, string>, texts: Record<string, string> = {}) => {
      env = variables;
      files = texts;
    },
  };
};

/** Everything that an error shows. */
export const shown = (error: unknown): string =>
  error instanceof WaybillError
    ? [error.message, error.hint, JSON.stringify(error.details), String(error.cause)].join(" ")
    : "";
