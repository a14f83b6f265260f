import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";
import { sendAnswer } from "#registry/server/answer.ts";
import type { Answer } from "#registry/server/answer.ts";
import { answerRequest } from "#registry/server/answerRequest.ts";
import type { Holdings } from "#registry/server/exchange.ts";
import { readRequest } from "#registry/server/exchange.ts";
import { refuse, refuseThrown } from "#registry/server/fault.ts";
import { SILENCE_MS } from "#registry/server/httpServer.ts";
import { parseTarget } from "#registry/server/route.ts";
import type { Route } from "#registry/server/route.ts";
import type { SignIn } from "#registry/server/signIn.ts";

/** One request that was answered, for whoever counts them. */
export interface RequestFacts {
  readonly method: string;
  /** What it was about; undefined for what no registry has. */
  readonly kind: Route["kind"] | undefined;
  readonly status: number;
  readonly seconds: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface HandlerDeps {
  readonly holdings: Holdings;
  /** Undefined: everybody may do everything. */
  readonly signIn: SignIn | undefined;
  readonly log: Log;
  readonly observe: (facts: RequestFacts) => void;
}

/** What answers the registry's requests; it never throws. */
export const handleRequests =
  (deps: HandlerDeps): RequestListener =>
  (request, response) =>
    void handle(deps, request, response);

interface Decision {
  readonly answer: Answer;
  readonly kind?: Route["kind"];
  readonly user?: string;
}

const handle = async (deps: HandlerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const started = performance.now();
  const { socket } = request;
  waitForUs(request);
  const path = (request.url ?? "").split("?")[0]?.slice(0, 300) ?? "";
  const { answer, kind, user } = await decide(deps, request, path);
  socket.setTimeout(SILENCE_MS);
  // The rest of a refused body is read and thrown away, so that the client gets to see the answer; not if it is that large,
  // or nobody's.
  if (answer.status === 413 || (answer.status === 401 && hasBody(request))) response.setHeader("Connection", "close");
  try {
    await sendAnswer(response, answer, request.method === "HEAD");
  } catch {
    // The client left, or the disk failed after the headers were out: cutting the connection is all that can be said.
    response.destroy();
  }
  const seconds = (performance.now() - started) / 1000;
  const bytes = countNew(socket);
  deps.observe({ method: request.method ?? "", kind, status: answer.status, seconds, ...bytes });
  const facts = { method: request.method ?? "", path, status: answer.status, ms: Math.round(seconds * 1000), ...bytes };
  deps.log("debug", "request", { from: socket.remoteAddress ?? "", ...(user === undefined ? {} : { user }), ...facts });
};

const decide = async (
  { holdings, signIn, log }: HandlerDeps,
  request: IncomingMessage,
  path: string,
): Promise<Decision> => {
  const target = parseTarget(request.url ?? "");
  const kind = target && { kind: target.route.kind };
  try {
    const who = signIn === undefined ? undefined : await signIn(request.headers.authorization);
    if (who === "unknown" || who === "busy") return { answer: who === "busy" ? tooMany() : unauthorized(), ...kind };
    if (target === undefined)
      return { answer: refuse("NAME_UNKNOWN", "there is nothing here; a registry's API is under /v2/"), ...who };
    const answer = await answerRequest({ ...readRequest(request), ...holdings, query: target.query }, target.route);
    return { answer, ...kind, ...who };
  } catch (error) {
    const answer = refuseThrown(error);
    // An upload that its client broke off is no fault of the registry.
    if (answer.status >= 500 && !request.destroyed)
      log("error", "request failed", { method: request.method ?? "", path, reason: asWaybillError(error).message });
    return { answer, ...kind };
  }
};

// What was counted of a connection, which carries one request after another.
const counted = new WeakMap<Socket, { readonly read: number; readonly written: number }>();

const countNew = (socket: Socket): Pick<RequestFacts, "bytesReceived" | "bytesSent"> => {
  const before = counted.get(socket) ?? { read: 0, written: 0 };
  const now = { read: socket.bytesRead, written: socket.bytesWritten };
  counted.set(socket, now);
  return { bytesReceived: now.read - before.read, bytesSent: now.written - before.written };
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** Nothing moves on the socket while we work: once all of the request is there, silence is not the client's. */
const waitForUs = (request: IncomingMessage): void => {
  const { socket } = request;
  if (hasBody(request)) request.once("end", () => socket.setTimeout(0));
  else socket.setTimeout(0);
};

const unauthorized = (): Answer =>
  refuse("UNAUTHORIZED", "log in with a user of this registry", {
    "WWW-Authenticate": 'Basic realm="waybill registry", charset="UTF-8"',
  });

const tooMany = (): Answer => refuse("TOOMANYREQUESTS", "too many passwords are being checked", { "Retry-After": "2" });
