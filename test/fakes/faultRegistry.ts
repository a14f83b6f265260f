import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import type { Digest } from "#core/digest.ts";

export interface FaultRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Every request that came, in order. */
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  readonly blobs: Map<string, Buffer>;
  /** By repository and digest; tags by repository and tag. */
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>;
  readonly tags: Map<string, string>;
  /** Answers in the registry's place where it returns true. */
  fault: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface FaultRegistryOptions {
  readonly referrers?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A small registry in memory that can be told to misbehave. It keeps no rules of its own beyond the bare protocol. */
export const startFaultRegistry = async (options: FaultRegistryOptions = {}): Promise<FaultRegistry> => {
  const listener: RequestListener = (request, response) => {
    registry.requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    void (async () => {
      if (await registry.fault(request, response)) return;
      await serve(registry, options, request, response);
    })().catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const registry: FaultRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    blobs: new Map(),
    manifests: new Map(),
    tags: new Map(),
    fault: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
};

const serve = async (
  registry: FaultRegistry,
  options: FaultRegistryOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(request.url ?? "/", "http://any");
  const body = await bodyOf(request);
  if (url.pathname === "/v2/") return send(response, 200, {}, "{}");
  const [, name = "", kind = "", rest = ""] =
    /^\/v2\/(.+?)\/(blobs|manifests|tags|referrers)\/(.+)$/.exec(url.pathname) ?? [];
  if (kind === "blobs") return serveBlobs(registry, request, response, { name, rest, body, query: url.searchParams });
  if (kind === "manifests") return serveManifests(registry, request, response, { name, rest, body });
  if (kind === "tags") return serveTags(registry, response, name);
  if (kind === "referrers" && options.referrers !== false) return serveReferrers(registry, response, name, rest);
  return send(response, 404, {}, "404 page not found");
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const send = (
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void => {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
};

const refuse = (response: ServerResponse, status: number, code: string): void =>
  send(response, status, {}, JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

interface Call {
  readonly name: string;
  readonly rest: string;
  readonly body: Buffer;
}

const serveBlobs = (
  { blobs }: FaultRegistry,
  request: IncomingMessage,
  response: ServerResponse,
  { name, rest, body, query }: Call & { readonly query: URLSearchParams },
): void => {
  if (request.method === "POST") {
    const location = `/v2/${name}/blobs/uploads/${randomUUID()}?_state=a%2Bb%20c~`;
    return send(response, 202, { location }, "");
  }
  if (request.method === "PUT") {
    const digest = query.get("digest") ?? "";
    // The state must come back as it was given.
    if (!request.url?.includes("_state=a%2Bb%20c~&") || digestOf(body) !== digest)
      return refuse(response, 400, "DIGEST_INVALID");
    blobs.set(`${name}@${digest}`, body);
    return send(response, 201, {}, "");
  }
  const bytes = blobs.get(`${name}@${rest}`);
  if (bytes === undefined) return refuse(response, 404, "BLOB_UNKNOWN");
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  if (range === undefined) return send(response, 200, { "content-type": "application/octet-stream" }, bytes);
  const headers = { "content-range": `bytes ${range}-${bytes.length - 1}/${bytes.length}` };
  return send(response, 206, headers, bytes.subarray(Number(range)));
};

const serveManifests = (
  { manifests, tags }: FaultRegistry,
  request: IncomingMessage,
  response: ServerResponse,
  { name, rest, body }: Call,
): void => {
  const digest = rest.startsWith("sha256:") ? rest : tags.get(`${name}:${rest}`);
  if (request.method === "PUT") {
    const written = digestOf(body);
    if (rest.startsWith("sha256:") && rest !== written) return refuse(response, 400, "DIGEST_INVALID");
    const expected = request.headers["if-match"];
    if (expected !== undefined && expected !== `"${digest ?? ""}"`) return refuse(response, 412, "PRECONDITION_FAILED");
    if (request.headers["if-none-match"] === "*" && digest !== undefined)
      return refuse(response, 412, "PRECONDITION_FAILED");
    manifests.set(`${name}@${written}`, { type: request.headers["content-type"] ?? "", bytes: body });
    if (rest !== written) tags.set(`${name}:${rest}`, written);
    return send(response, 201, { "docker-content-digest": written }, "");
  }
  const found = manifests.get(`${name}@${digest ?? ""}`);
  if (found === undefined || digest === undefined) return refuse(response, 404, "MANIFEST_UNKNOWN");
  if (request.method === "DELETE") {
    if (rest === digest) manifests.delete(`${name}@${digest}`);
    for (const [tag, of] of tags) if (of === digest && (rest === digest || tag === `${name}:${rest}`)) tags.delete(tag);
    return send(response, 202, {}, "");
  }
  const headers = { "content-type": found.type, "docker-content-digest": digest, etag: `"${digest}"` };
  return send(response, 200, headers, found.bytes);
};

const serveTags = ({ tags }: FaultRegistry, response: ServerResponse, name: string): void => {
  const own = [...tags.keys()].filter((tag) => tag.startsWith(`${name}:`)).map((tag) => tag.slice(name.length + 1));
  send(response, 200, {}, JSON.stringify({ name, tags: own.length === 0 ? null : own }));
};

const serveReferrers = (
  { manifests }: FaultRegistry,
  response: ServerResponse,
  name: string,
  subject: string,
): void => {
  const links = [...manifests]
    .filter(([key]) => key.startsWith(`${name}@`))
    .map(([, { type, bytes }]) => readManifestLinks({ bytes, mediaType: type, digest: digestOf(bytes) as Digest }));
  const list = links.filter((one) => one.subject === subject).map((one) => one.referrer);
  const type = "application/vnd.oci.image.index.v1+json";
  send(response, 200, { "content-type": type }, JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: list }));
};
