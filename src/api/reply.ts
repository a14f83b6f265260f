import { createHash } from "node:crypto";
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
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the bytes, where they are known by it. */
  readonly digest?: Digest;
  readonly cache: string;
}

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

/** A reply as a response. `request` decides between the content and 304 (RFC 9110, 13.1.2); HEAD is the server's matter. */
export const respond = (reply: Reply, request: Request): Response => {
  if (reply.kind === "none") return new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
  if (reply.kind === "stream") {
    const headers = { "Content-Type": reply.mediaType, "Cache-Control": "no-store", "X-Accel-Buffering": "no" };
    return new Response(request.method === "HEAD" ? null : reply.stream, { headers });
  }
  return reply.kind === "json" ? respondJson(reply, request) : respondBytes(reply, request);
};

const respondJson = (reply: Extract<Reply, { kind: "json" }>, request: Request): Response => {
  const text = JSON.stringify(reply.body);
  const headers: Record<string, string> = { "Content-Type": "application/json", ...reply.headers };
  if (!isRead(request)) {
    return new Response(text, { status: reply.status, headers: { ...headers, "Cache-Control": "no-store" } });
  }
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
  return conditional(request, etag, text, { "Cache-Control": PRIVATE, ...headers });
};

const respondBytes = (reply: Extract<Reply, { kind: "bytes" }>, request: Request): Response => {
  const { mediaType, bytes, digest, cache } = reply.content;
  // Documents were hashed when they were kept; a large one takes longer to hash than to send.
  const known = digest?.startsWith("sha256:") === true ? Buffer.from(digest.slice("sha256:".length), "hex") : undefined;
  const sha256 = known ?? createHash("sha256").update(bytes).digest();
  const etag = `"${digest ?? `sha256:${sha256.toString("hex")}`}"`;
  return conditional(request, etag, bytes, {
    "Content-Type": mediaType,
    "Cache-Control": cache,
    "Content-Digest": `sha-256=:${sha256.toString("base64")}:`,
    Vary: "Accept, Authorization",
    ...reply.headers,
  });
};

const conditional = (
  request: Request,
  etag: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
): Response => {
  const all = new Headers({ ...headers, ETag: etag });
  if (!matches(request.headers.get("If-None-Match"), etag)) return new Response(body, { headers: all });
  // RFC 9110, 15.4.5: what describes the content stays away with it.
  for (const name of ["Content-Type", "Content-Digest"]) all.delete(name);
  return new Response(null, { status: 304, headers: all });
};

const isRead = (request: Request): boolean => request.method === "GET" || request.method === "HEAD";

// Weak comparison, as If-None-Match wants it.
const matches = (condition: string | null, etag: string): boolean =>
  condition !== null &&
  (condition.trim() === "*" || condition.split(",").some((one) => one.trim().replace(/^W\//, "") === etag));
