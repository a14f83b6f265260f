import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { ERRORS } from "#core/errorTable.ts";
import { WaybillError, asWaybillError } from "#core/errors.ts";
import type { DevAnswer, DevRequest, DevService } from "#devsigstore/devRequest.ts";
import { answerJson } from "#devsigstore/devRequest.ts";

// The largest envelope that Rekor takes has some megabytes; nothing else comes near.
const MAX_BODY = 8 * 1024 * 1024;
const REQUEST_MS = 30_000;
const MAX_CONNECTIONS = 500;

/** Told of every request. */
export interface ServiceWatch {
  /** `path` without the query, which may hold codes and names. */
  readonly answered: (method: string, path: string, status: number) => void;
  /** What goes wrong besides what the client did wrong. */
  readonly failed: (error: WaybillError) => void;
}

/** An HTTP server of services by the prefix of their paths, such as `/fulcio`. */
export const createServiceServer = (services: ReadonlyMap<string, DevService>, watch: ServiceWatch): Server => {
  const server = createServer((request, response) => {
    answer(services, request)
      .catch((error: unknown) => describeError(asWaybillError(error), watch))
      .then((one) => {
        watch.answered(request.method ?? "", pathOf(request.url).slice(0, MAX_SHOWN), one.status);
        send(response, one);
      })
      .catch(() => response.destroy());
  });
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS / 3;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
};

const answer = async (services: ReadonlyMap<string, DevService>, incoming: IncomingMessage): Promise<DevAnswer> => {
  demandOwnName(incoming);
  const { method = "", url = "" } = incoming;
  const path = pathOf(url);
  const [, prefix = "", rest = ""] = /^(\/[^/]*)(\/.*)?$/.exec(path) ?? [];
  const request: DevRequest = {
    method,
    path: rest,
    query: new URLSearchParams(url.slice(path.length + 1)),
    header: (name) => {
      const value = incoming.headers[name];
      return typeof value === "string" ? value : undefined;
    },
    body: await readBody(incoming),
  };
  const found = services.get(prefix)?.(request);
  if (found !== undefined) return found;
  throw new WaybillError("NOT_FOUND", `there is nothing at ${method} ${path.slice(0, MAX_SHOWN)}`);
};

/** As it was sent: nothing here has a name that would have to be decoded. */
const pathOf = (url = ""): string => url.split("?", 1)[0] ?? "";

// Characters of a path in messages.
const MAX_SHOWN = 200;

/** A page of the web that has its name point to loopback must not get tokens and certificates (DNS rebinding). */
const demandOwnName = ({ headers, socket }: IncomingMessage): void => {
  const [, name = ""] = /^(\[[0-9a-f:]+\]|[^:]+)(?::\d+)?$/i.exec(headers.host ?? "") ?? [];
  if (name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name) || name === socket.localAddress)
    return;
  throw new WaybillError("INPUT_INVALID", "this server answers to names of loopback alone");
};

const readBody = async (incoming: IncomingMessage): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY) throw new WaybillError("BODY_TOO_LARGE", `the body is over ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

// Their codes speak of files and keys of the user's; here they are what a client sent.
const CLIENT_FAULTS: ReadonlySet<string> = new Set(["INPUT_INVALID", "LIMIT_EXCEEDED", "KEY_WEAK", "TRUST_INVALID"]);

const describeError = (error: WaybillError, watch: ServiceWatch): DevAnswer => {
  const status = CLIENT_FAULTS.has(error.code) ? 400 : ERRORS[error.code].http;
  if (status < 500) return answerJson({ code: status, message: error.message }, status);
  watch.failed(error);
  return answerJson({ code: status, message: "a fault of the server" }, status);
};

const send = (response: ServerResponse, { status, type, body, headers }: DevAnswer): void => {
  // After a body that was cut off, the rest of it would be read as the next request.
  const rest = status === ERRORS.BODY_TOO_LARGE.http ? { Connection: "close" } : {};
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store", ...headers, ...rest });
  response.end(body);
};
