import { hash } from "node:crypto";
import type { Digest } from "#core/digest.ts";

/** What a handler answers; the engine makes the response of it. */
export type Reply =
  | {
      readonly kind: "json";
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "bytes"; readonly content: Content; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: "stream"; readonly mediaType: string; readonly stream: ReadableStream<Uint8Array> }
  | { readonly kind: "none" };

export interface Content {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer> | string;
  /** Of the bytes, where they are known by it. */
  readonly digest?: Digest;
  readonly cache: string;
}

/** Each name in one spelling only: responses are made of plain records, which would keep two. */
export type HeaderFields = Readonly<Record<string, string>>;

/** What must be asked about again each time, but need not be sent again. */
export const PRIVATE = "private, no-cache";

/** For what stands under its own digest (RFC 8246); private, since who may see it is a matter of tenants. */
export const FOR_EVER = "private, max-age=31536000, immutable";

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply => ({
  kind: "json",
  status,
  body,
  headers,
});

/**
 * A reply as a response that carries `common`, too: all at once, since a response whose headers are touched afterwards costs
 * several times as much. `request` decides between the content and 304 (RFC 9110, 13.1.2); HEAD is the server's matter.
 */
export const respond = (reply: Reply, request: Request, common: HeaderFields): Response => {
  if (reply.kind === "none") {
    return new Response(null, { status: 204, headers: { ...common, "Cache-Control": "no-store" } });
  }
  if (reply.kind === "stream") {
    const headers = { "Content-Type": reply.mediaType, "Cache-Control": "no-store", "X-Accel-Buffering": "no" };
    return new Response(request.method === "HEAD" ? null : reply.stream, { headers: { ...common, ...headers } });
  }
  return reply.kind === "json" ? respondJson(reply, request, common) : respondBytes(reply, request, common);
};

const respondJson = (reply: Extract<Reply, { kind: "json" }>, request: Request, common: HeaderFields): Response => {
  const text = JSON.stringify(reply.body);
  if (!isRead(request)) {
    const headers = { ...common, "Content-Type": "application/json", ...reply.headers, "Cache-Control": "no-store" };
    return new Response(text, { status: reply.status, headers });
  }
  const ETag = `"${hash("sha256", text, "base64url").slice(0, 27)}"`;
  const headers = { ...common, "Cache-Control": PRIVATE, ...reply.headers, ETag };
  return conditional(request, text, { "Content-Type": "application/json" }, headers);
};

const respondBytes = (reply: Extract<Reply, { kind: "bytes" }>, request: Request, common: HeaderFields): Response => {
  const { mediaType, bytes, digest, cache } = reply.content;
  // Documents were hashed when they were kept; a large one takes longer to hash than to send.
  const known = digest?.startsWith("sha256:") === true ? digest.slice("sha256:".length) : undefined;
  const sha256 = Buffer.from(known ?? hash("sha256", bytes), "hex");
  const ETag = `"${digest ?? `sha256:${sha256.toString("hex")}`}"`;
  const described = { "Content-Type": mediaType, "Content-Digest": `sha-256=:${sha256.toString("base64")}:` };
  const headers = { ...common, "Cache-Control": cache, Vary: "Accept, Authorization", ...reply.headers, ETag };
  return conditional(request, bytes, described, headers);
};

/** `described` is of the content, and stays away with it (RFC 9110, 15.4.5). */
const conditional = (
  request: Request,
  body: string | Uint8Array<ArrayBuffer>,
  described: HeaderFields,
  headers: HeaderFields & { readonly ETag: string },
): Response =>
  matches(request.headers.get("If-None-Match"), headers.ETag)
    ? new Response(null, { status: 304, headers })
    : new Response(body, { headers: { ...headers, ...described } });

const isRead = (request: Request): boolean => request.method === "GET" || request.method === "HEAD";

// Weak comparison, as If-None-Match wants it.
const matches = (condition: string | null, etag: string): boolean =>
  condition !== null &&
  (condition.trim() === "*" || condition.split(",").some((one) => one.trim().replace(/^W\//, "") === etag));
