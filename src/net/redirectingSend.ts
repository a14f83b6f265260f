import { WaybillError } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { describeUrl } from "#net/describeUrl.ts";
import { isOwnHost } from "#net/isOwnHost.ts";
import { isLocalHost } from "#net/isLocalHost.ts";
import { remoteText } from "#net/remoteText.ts";
import type { HttpAnswer, HttpRequest, Send } from "#net/send.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface RedirectOptions {
  readonly allowHttp: boolean;
  /** Whether requests to a name went to this machine or its line. */
  readonly isOwn: (hostname: string) => boolean;
}

/**
 * Follows redirects of reading requests. Authorization goes to the very origin that it was made for (attack 47); https
 * never becomes http, http stays among local hosts, and nothing comes to this machine, also by a name, that did not begin
 * there (attack 48). Writing requests are not redirected by registries, so theirs come back as they are.
 */
export const redirectingSend =
  (send: Send, options: RedirectOptions): Send =>
  async (ctx, first) => {
    const host = first.url.hostname;
    let request = first;
    for (let hops = 0; ; hops++) {
      const answer = await send(ctx, request);
      const to = targetOf(request, answer);
      if (to === undefined) return answer;
      if (hops === MAX_REDIRECTS) throw refused(request, `more than ${MAX_REDIRECTS} redirects`);
      checkTarget(request, to, options.allowHttp);
      request = {
        ...request,
        url: to,
        headers: to.origin === request.url.origin ? request.headers : bare(request.headers),
        // Where the user's own registry is on this machine, it may keep its bytes there, too.
        sentByServer: to.hostname !== host && !isOwnHost(host) && !options.isOwn(host),
      };
    }
  };

const targetOf = (request: HttpRequest, answer: HttpAnswer): URL | undefined => {
  if (!REDIRECTS.has(answer.status) || (request.method !== "GET" && request.method !== "HEAD")) return undefined;
  const location = answerHeader(answer, "location");
  if (location === undefined) return undefined;
  const to = URL.parse(location, request.url.href);
  if (to === null) throw refused(request, `a redirect to what is no URL: ${remoteText(location)}`);
  return to;
};

const checkTarget = (request: HttpRequest, to: URL, allowHttp: boolean): void => {
  const known = to.protocol === "https:" || to.protocol === "http:";
  if (!known || to.username !== "" || to.password !== "")
    throw refused(request, `a redirect to a place of another kind (${remoteText(to.protocol)})`);
  if (isOwnHost(to.hostname) && !isOwnHost(request.url.hostname))
    throw refused(request, `a redirect to an address of this machine, ${to.host}`);
  if (to.protocol === "https:") return;
  if (request.url.protocol === "https:") throw refused(request, `a redirect from https to ${describeUrl(to)}`);
  if (to.host !== request.url.host && !allowHttp && !isLocalHost(to.hostname))
    throw refused(request, `a redirect to plain http at ${to.host}`);
};

const bare = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization"));

const refused = (request: HttpRequest, what: string): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${request.method} ${describeUrl(request.url)}: refused ${what}`, {
    hint: "The registry, or something between it and here, sends requests to a place that is not safe to follow.",
  });
