import type { IncomingMessage } from "node:http";
import { heedPace } from "#registry/server/heedPace.ts";
import type { RepositoryTree } from "#registry/server/repositoryTree.ts";
import type { StorageQuota } from "#registry/server/storageQuota.ts";
import type { UploadSessions } from "#registry/server/uploadSessions.ts";

/** One request, and what the registry has to answer it with. */
export interface Exchange extends RequestParts, Holdings {
  readonly query: URLSearchParams;
}

interface RequestParts {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
  /** Content-Length, undefined for a chunked body. */
  readonly length: number | undefined;
  /** The body; reading it stops without cutting the connection, so that an answer can still be sent. */
  readonly body: () => AsyncIterable<Uint8Array>;
}

/** What a registry holds. */
export interface Holdings {
  readonly tree: RepositoryTree;
  readonly uploads: UploadSessions;
  readonly quota: StorageQuota;
  readonly maxBlobBytes: number;
  readonly readOnly: boolean;
}

/** The parts of an exchange that come from the request. */
export const readRequest = (request: IncomingMessage): RequestParts => ({
  method: request.method ?? "GET",
  header: (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  },
  length: readLength(request.headers["content-length"]),
  body: () => heedPace(request),
});

const readLength = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
