import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { followLocation } from "#registry/client/followLocation.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

export interface PageRequest {
  /** First page, relative to the repository. */
  readonly target: string;
  readonly accept: string;
  readonly maxBytes: number;
  /** LIMIT_EXCEEDED beyond. */
  readonly maxPages: number;
}

/** Walks over pages along `Link: <...>; rel="next"` (RFC 8288), on the registry's own host; ends after an answer other than 200. */
export async function* readPages(
  calls: RepositoryCalls,
  ctx: Ctx,
  request: PageRequest,
): AsyncGenerator<SessionAnswer> {
  let target: string | URL = request.target;
  const seen = new Set<string>();
  for (let page = 1; ; page++) {
    const headers = { accept: request.accept };
    const answer: SessionAnswer = await calls.send(ctx, { method: "GET", target, headers, maxBytes: request.maxBytes });
    yield answer;
    const next = answer.status === 200 ? nextLink(answerHeader(answer, "link")) : undefined;
    if (next === undefined) return;
    if (page === request.maxPages)
      throw new WaybillError("LIMIT_EXCEEDED", `${calls.name}: a list of more than ${request.maxPages} pages`);
    target = followLocation(answer, next);
    if (seen.size === seen.add(target.href).size)
      throw new WaybillError("REGISTRY_PROTOCOL", `${calls.name}: a list whose pages lead in a circle`);
  }
}

// One link: its target, then parameters up to a comma that is not inside quotes.
const LINK = /<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g;

/** Target of the first link whose relation is `next`. */
export const nextLink = (header: string | undefined): string | undefined => {
  for (const [, target, parameters = ""] of (header ?? "").slice(0, 16_384).matchAll(LINK)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters);
    const names = (relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/);
    if (names.includes("next")) return target;
  }
  return undefined;
};
