import { isRepository } from "#core/reference.ts";
import type { Answer } from "#registry/server/answer.ts";
import { answerJson } from "#registry/server/answer.ts";
import type { Exchange } from "#registry/server/exchange.ts";
import { refuse } from "#registry/server/fault.ts";
import type { Route } from "#registry/server/route.ts";
import { serveBlob } from "#registry/server/serveBlob.ts";
import { serveCatalog, serveReferrers, serveTags } from "#registry/server/serveLists.ts";
import { serveManifest } from "#registry/server/serveManifest.ts";
import { beginUpload, serveUpload } from "#registry/server/serveUpload.ts";

const METHODS: Readonly<Record<Route["kind"], readonly string[]>> = {
  base: ["GET", "HEAD"],
  catalog: ["GET", "HEAD"],
  tags: ["GET", "HEAD"],
  referrers: ["GET", "HEAD"],
  manifest: ["GET", "HEAD", "PUT", "DELETE"],
  blob: ["GET", "HEAD", "DELETE"],
  uploads: ["POST"],
  upload: ["GET", "PATCH", "PUT", "DELETE"],
};

/** Answers one request of the distribution-spec 1.1. */
export const answerRequest = async (exchange: Exchange, route: Route): Promise<Answer> => {
  const methods = METHODS[route.kind];
  if (!methods.includes(exchange.method))
    return refuse("UNSUPPORTED", "the method is not supported here", { Allow: methods.join(", ") });
  const writes = exchange.method !== "GET" && exchange.method !== "HEAD";
  // Only browsers send an Origin. A web page must not push into the registry on its reader's loopback.
  if (writes && exchange.header("origin") !== undefined) return refuse("DENIED", "web pages may not write");
  if (exchange.readOnly && (writes || route.kind === "upload")) return refuse("DENIED", "this registry is read-only");
  if ("name" in route && !isRepository(route.name)) return refuse("NAME_INVALID", "not the name of a repository");
  switch (route.kind) {
    case "base":
      return answerJson({});
    case "catalog":
      return serveCatalog(exchange);
    case "tags":
      return serveTags(exchange, route.name);
    case "uploads":
      return beginUpload(exchange, route.name);
    case "manifest":
      return serveManifest(exchange, route.name, route.reference);
    case "blob":
      return serveBlob(exchange, route.name, route.reference);
    case "upload":
      return serveUpload(exchange, route.name, route.reference);
    case "referrers":
      return serveReferrers(exchange, route.name, route.reference);
  }
};
