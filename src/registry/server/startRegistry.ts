import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Log } from "#core/ctx.ts";
import { asWaybillError, WaybillError } from "#core/errors.ts";
import { onDisk } from "#registry/layout/durableFile.ts";
import { takeFileLock } from "#registry/layout/fileLock.ts";
import { sendAnswer } from "#registry/server/answer.ts";
import type { Answer } from "#registry/server/answer.ts";
import { answerRequest } from "#registry/server/answerRequest.ts";
import type { Exchange } from "#registry/server/exchange.ts";
import { readRequest } from "#registry/server/exchange.ts";
import { refuse, refuseThrown } from "#registry/server/fault.ts";
import { checkLoopback } from "#registry/server/loopback.ts";
import { openRepositoryTree } from "#registry/server/repositoryTree.ts";
import { parseTarget } from "#registry/server/route.ts";
import { openUploadSessions } from "#registry/server/uploadSessions.ts";

export interface RegistryOptions {
  /** Where everything is kept: `DIR/NAME` is the OCI layout of repository NAME. Made when missing. */
  readonly dir: string;
  /** A loopback address; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly log: Log;
  /** Repositories shown from layouts elsewhere, read-only and exactly as they are, damage included: name to path. */
  readonly layouts?: Readonly<Record<string, string>>;
  /** Largest blob, bytes; 64 GiB when not given. */
  readonly maxBlobBytes?: number;
  /** An upload that nobody touched for so long is dropped, milliseconds; an hour when not given. */
  readonly uploadIdleMs?: number;
}

export interface RunningRegistry {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /** `HOST:PORT`, as it stands in references. */
  readonly address: string;
  /** Ends the requests under way within two seconds, then lets go of the directory. */
  readonly close: () => Promise<void>;
}

const MAX_BLOB_BYTES = 64 * 1024 ** 3;
const UPLOAD_IDLE_MS = 3_600_000;
const MAX_UPLOADS = 1000;
const MAX_CONNECTIONS = 1000;
// A socket on which nothing moves for so long belongs to a client that is gone; syncing a large layer takes its time.
const SILENCE_MS = 600_000;
const KEEP_ALIVE_MS = 60_000;
const CLOSE_MS = 2000;

/**
 * An OCI registry (distribution-spec 1.1) in this process. What it acknowledged is on disk. USAGE_INVALID for an address
 * that is not loopback or not free, STORE_FAILED when another process serves the directory.
 */
export const startRegistry = async (options: RegistryOptions): Promise<RunningRegistry> => {
  checkLoopback(options.listen.host);
  const own = join(options.dir, ".waybill");
  await onDisk(own, () => mkdir(own, { recursive: true }));
  const release = await takeFileLock(join(own, "lock"));
  if (release === undefined) throw held(options.dir);
  try {
    return await run(options, own, release);
  } catch (error) {
    release();
    throw error;
  }
};

const run = async (options: RegistryOptions, own: string, release: () => void): Promise<RunningRegistry> => {
  const { dir, listen, log, layouts = {} } = options;
  const maxBlobBytes = options.maxBlobBytes ?? MAX_BLOB_BYTES;
  const limits = {
    maxBytes: maxBlobBytes,
    maxSessions: MAX_UPLOADS,
    idleMs: options.uploadIdleMs ?? UPLOAD_IDLE_MS,
  };
  const uploads = await openUploadSessions(join(own, "uploads"), limits);
  const shared = { tree: openRepositoryTree(dir, layouts, log), uploads, maxBlobBytes };
  const server = createServer((request, response) => void handle(request, response, shared, log));
  // A layer may take longer than any fixed time; silence is what ends a connection.
  server.requestTimeout = 0;
  server.timeout = SILENCE_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await listenOn(server, listen);
  } catch (error) {
    await uploads.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const address = `${isIPv6(listen.host) ? `[${listen.host}]` : listen.host}:${port}`;
  return {
    url: `http://${address}`,
    address,
    close: async () => {
      await stop(server);
      await uploads.close();
      release();
    },
  };
};

const handle = async (
  request: IncomingMessage,
  response: ServerResponse,
  shared: Pick<Exchange, "tree" | "uploads" | "maxBlobBytes">,
  log: Log,
): Promise<void> => {
  const started = performance.now();
  const path = (request.url ?? "").split("?")[0]?.slice(0, 300) ?? "";
  const answer = await decide(request, shared, log, path);
  // The rest of a refused body is read and thrown away, so that the client gets to see the answer; not if it is that large.
  if (answer.status === 413) response.setHeader("Connection", "close");
  try {
    await sendAnswer(response, answer, request.method === "HEAD");
  } catch {
    // The client left, or the disk failed after the headers were out: cutting the connection is all that can be said.
    response.destroy();
  }
  const ms = Math.round(performance.now() - started);
  log("debug", "request", { method: request.method ?? "", path, status: answer.status, ms });
};

const decide = async (
  request: IncomingMessage,
  shared: Pick<Exchange, "tree" | "uploads" | "maxBlobBytes">,
  log: Log,
  path: string,
): Promise<Answer> => {
  try {
    const target = parseTarget(request.url ?? "");
    if (target === undefined) return refuse("NAME_UNKNOWN", "there is nothing here; a registry's API is under /v2/");
    return await answerRequest({ ...readRequest(request), ...shared, query: target.query }, target.route);
  } catch (error) {
    const answer = refuseThrown(error);
    // An upload that its client broke off is no fault of the registry.
    if (answer.status >= 500 && !request.destroyed)
      log("error", "request failed", { method: request.method ?? "", path, reason: asWaybillError(error).message });
    return answer;
  }
};

const listenOn = (server: Server, { host, port }: RegistryOptions["listen"]): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const hint = "Another program uses this port; name another one, or port 0 for a free one.";
      reject(new WaybillError("USAGE_INVALID", `cannot listen on ${host}:${port}: ${cause.code}`, { hint, cause }));
    });
    server.listen(port, host, resolve);
  });

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });

const held = (dir: string): WaybillError =>
  new WaybillError("STORE_FAILED", `${dir}: another process serves this directory`, {
    hint: "Stop the other registry, or name another directory.",
  });
