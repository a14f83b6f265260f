import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { isLocalHost } from "#net/isLocalHost.ts";
import { networkReason } from "#net/networkError.ts";
import type { HttpAnswer, Send } from "#net/send.ts";
import { answerError } from "#registry/client/answerError.ts";
import { parseChallenges } from "#registry/client/challenge.ts";
import type { Challenge } from "#registry/client/challenge.ts";

/** How a registry is reached and what it wants to see. */
export interface Origin {
  /** `https://host/` or `http://host/`. */
  readonly url: URL;
  /** Empty: it answers without authentication. */
  readonly challenges: readonly Challenge[];
}

const MAX_PING_BYTES = 64 * 1024;
// What shows that nobody speaks TLS there. A bad certificate is not among it: somebody does, and must not be gone around.
const NO_TLS: ReadonlySet<string | undefined> = new Set([
  "refused",
  "plain",
  "reset",
  "connect",
  // Many proxies open tunnels to the port of https alone.
  "proxy",
]);

/**
 * Finds scheme and challenges of a registry with one request, two where it speaks plain http: https first, then, for local
 * hosts or where `allowHttp` says so, http.
 */
export const findOrigin = async (
  send: Send,
  ctx: Ctx,
  host: string,
  options: { readonly allowHttp: boolean },
): Promise<Origin> => {
  const secure = parseOrigin("https", host);
  if (!options.allowHttp && !isLocalHost(secure.hostname)) return readPing(secure, await ping(send, ctx, secure));
  try {
    const answer = await ping(send, ctx, secure, true);
    // A failure that may pass deserves the retries that finding the scheme does without.
    return readPing(secure, answer.status >= 429 ? await ping(send, ctx, secure) : answer);
  } catch (error) {
    const reason = networkReason(error);
    // Somebody speaks TLS there, and this failure may pass, too.
    if (reason === "closed") return readPing(secure, await ping(send, ctx, secure));
    if (!NO_TLS.has(reason)) throw error;
    const plain = parseOrigin("http", host);
    return readPing(plain, await ping(send, ctx, plain));
  }
};

const parseOrigin = (scheme: "https" | "http", host: string): URL => {
  const url = URL.parse(`${scheme}://${host}/`);
  const name = host.replace(/:[0-9]+$/, "");
  // The URL parser takes 127.1 and 0x7f000001 for addresses; a host that was matched under one name must not be another.
  if (url === null || !(url.hostname === name || name.startsWith("[")))
    throw new WaybillError("REFERENCE_INVALID", `${JSON.stringify(host)} is not the address of a registry`, {
      hint: "Write the host name in full, or an address as four decimal numbers.",
    });
  return url;
};

const ping = (send: Send, ctx: Ctx, origin: URL, once = false): Promise<HttpAnswer> =>
  send(ctx, { method: "GET", url: new URL("/v2/", origin), headers: {}, maxBytes: MAX_PING_BYTES, once });

const readPing = (url: URL, answer: HttpAnswer): Origin => {
  if (answer.status === 200) return { url, challenges: [] };
  if (answer.status === 401)
    return { url, challenges: parseChallenges(answerHeader(answer, "www-authenticate") ?? "") };
  if (answer.status === 404) {
    throw new WaybillError("REGISTRY_PROTOCOL", `${url.host} has no registry: /v2/ is not there`);
  }
  throw answerError(answer, "GET");
};
