import type { IncomingMessage } from "node:http";
import type { RepositoryTree } from "#registry/server/repositoryTree.ts";
import type { UploadSessions } from "#registry/server/uploadSessions.ts";

/** One request, and what the registry has to answer it with. */
export interface Exchange {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** Content-Length, undefined for a chunked body. */
  readonly length: number | undefined;
  /** The body; reading it stops without cutting the connection, so that an answer can still be sent. */
  readonly body: () => AsyncIterable<Uint8Array>;
  readonly tree: RepositoryTree;
  readonly uploads: UploadSessions;
  readonly maxBlobBytes: number;
}

/** The parts of an exchange that come from the request. */
export const readRequest = (request: IncomingMessage): Pick<Exchange, "method" | "header" | "length" | "body"> => ({
  method: request.method ?? "GET",
  header: (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  },
  length: readLength(request.headers["content-length"]),
  body: () => request.iterator({ destroyOnReturn: false }),
});

const readLength = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
