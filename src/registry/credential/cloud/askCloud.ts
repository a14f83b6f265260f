import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { describeUrl } from "#net/describeUrl.ts";
import { remoteText } from "#net/remoteText.ts";
import type { HttpAnswer, HttpRequest, Send } from "#net/send.ts";

export const MAX_ANSWER_BYTES = 256 * 1024;
const LIMITS = { maxBytes: MAX_ANSWER_BYTES, maxDepth: 16, maxValues: 5000 };

/**
 * The body of a cloud's 200. AUTH_REQUIRED for 4xx, with no more of the answer than its code, since the rest may hold what
 * was sent; REGISTRY_UNAVAILABLE for 5xx; REGISTRY_PROTOCOL for everything else, redirects among it. `who`: `SERVICE (IDENTITY)`,
 * of which the identity stands in the hint alone, since a service shows its tenants the message.
 */
export const askCloud = async (send: Send, ctx: Ctx, who: string, request: HttpRequest): Promise<Uint8Array> => {
  const answer = await send(ctx, request);
  if (answer.status === 200) return answer.bytes;
  const message = `${serviceOf(who)}: ${request.method} ${describeUrl(request.url)}: ${answer.status}${codeIn(answer)}`;
  const hint = `The one who asked is ${who}.`;
  if (answer.status >= 500) throw new WaybillError("REGISTRY_UNAVAILABLE", message, { hint });
  if (answer.status < 400) throw new WaybillError("REGISTRY_PROTOCOL", message, { hint });
  throw new WaybillError("AUTH_REQUIRED", message, {
    hint: `${hint} The cloud gives this identity no credential for its registry; look at its rights.`,
  });
};

const serviceOf = (who: string): string => who.split(" (")[0] ?? who;

/**
 * The same from a service of the machine itself. Undefined where there is none, and where it answers 4xx: it knows no identity,
 * or it is that of another cloud.
 */
export const askMachine = async (
  send: Send,
  ctx: Ctx,
  who: string,
  request: HttpRequest,
): Promise<Uint8Array | undefined> => {
  try {
    return await askCloud(send, ctx, who, request);
  } catch (error) {
    if (!hasCode(error, "AUTH_REQUIRED", "NETWORK_FAILED", "NETWORK_TIMEOUT")) throw error;
    ctx.log("debug", `no identity of this machine: ${error.message}`);
    return undefined;
  }
};

/** A POST of a form (application/x-www-form-urlencoded). */
export const formRequest = (
  url: URL,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): HttpRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", ...headers },
  body: Buffer.from(new URLSearchParams(fields).toString()),
  maxBytes: MAX_ANSWER_BYTES,
});

export const getRequest = (url: URL, headers: Readonly<Record<string, string>>): HttpRequest => ({
  method: "GET",
  url,
  headers,
  maxBytes: MAX_ANSWER_BYTES,
});

/** An object of JSON, or REGISTRY_PROTOCOL that quotes nothing of it. */
export const parseObject = (bytes: Uint8Array, who: string): JsonObject => {
  try {
    const value = parseStrict(bytes, "answer", LIMITS);
    if (isJsonObject(value)) return value;
  } catch {
    // The parser's words may quote the secret.
  }
  throw unusable(who);
};

/** A member that is a text of at least one character, or REGISTRY_PROTOCOL. */
export const textOf = (object: JsonObject, name: string, who: string): string => {
  const value = object[name];
  if (typeof value !== "string" || value === "") throw unusable(who);
  return value;
};

export const unusable = (who: string): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${serviceOf(who)}: the answer is not the credential that it should be`, {
    hint: `The one who asked is ${who}.`,
  });

/** The code of an error: `error` of OAuth 2.0 (RFC 6749 section 5.2), `__type` of AWS' JSON, `<Code>` of its XML. */
const codeIn = ({ bytes }: HttpAnswer): string => {
  const text = Buffer.from(bytes.subarray(0, 16_384)).toString();
  const found = /"(?:error|__type)"\s*:\s*"([A-Za-z0-9_.#-]{1,100})"|<Code>([A-Za-z0-9.]{1,100})<\/Code>/.exec(text);
  const code = found?.[1] ?? found?.[2];
  return code === undefined ? "" : ` ${remoteText(code)}`;
};
