import type { Ctx } from "#core/ctx.ts";
import type { RegistryReference } from "#core/reference.ts";
import { repositoryName } from "#core/reference.ts";
import type { Scope } from "#registry/client/authority.ts";
import type { RegistryRequest, RegistrySession, SessionAnswer } from "#registry/client/session.ts";

/** Requests below `/v2/NAME/` of one registry. */
export interface RepositoryCalls {
  /** `host/name`, for messages. */
  readonly name: string;
  /** `target` is relative to the repository: `blobs/...`, `manifests/...`. `from`: a sibling that is read with it. */
  readonly send: (ctx: Ctx, request: Omit<RegistryRequest, "scope">, from?: string) => Promise<SessionAnswer>;
}

/** `writes`: ask for leave to push from the first request on, so that one token serves all of them. */
export const openRepositoryCalls = (
  session: RegistrySession,
  reference: RegistryReference,
  writes: boolean,
): RepositoryCalls => {
  const { repository } = reference;
  const reading: Scope = { repository, actions: writes ? "pull,push" : "pull" };
  const writing: Scope = { repository, actions: "pull,push" };
  const root = `/v2/${repository}/`;
  return {
    name: repositoryName(reference),
    send: (ctx, request, from) =>
      session.send(ctx, {
        ...request,
        target: typeof request.target === "string" ? root + request.target : request.target,
        scope: { ...(isReading(request) ? reading : writing), ...(from === undefined ? {} : { from }) },
      }),
  };
};

const isReading = ({ method }: Pick<RegistryRequest, "method">): boolean => method === "GET" || method === "HEAD";
