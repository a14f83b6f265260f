import type { Route } from "#api/contract/route.ts";
import { getOpenApiJson, getOpenApiYaml } from "#api/contract/serviceRoutes.ts";
import { bindOpen } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { openApiDocument } from "#api/openApiDocument.ts";
import type { Reply } from "#api/reply.ts";

/** The description is written once, when it is first asked for. JSON is YAML 1.2. */
export const openApiEndpoints = (routes: readonly Route[]): readonly Endpoint[] => {
  let text: Buffer<ArrayBuffer> | undefined;
  const describe = (mediaType: string): Promise<Reply> => {
    text ??= Buffer.from(JSON.stringify(openApiDocument(routes), undefined, 2));
    return Promise.resolve({ kind: "bytes", content: { mediaType, bytes: text, cache: "public, max-age=300" } });
  };
  return [
    bindOpen(getOpenApiJson, () => describe("application/json")),
    bindOpen(getOpenApiYaml, () => describe("application/yaml")),
  ];
};
