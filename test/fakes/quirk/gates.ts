import { reply } from "../clientBench.ts";
import type { FaultRegistry } from "../faultRegistry.ts";
import { refuse, targetOf } from "./quirk.ts";
import type { Habit } from "./quirk.ts";

export interface TokenGate {
  readonly realm: string;
  readonly service: string;
  /** Whether a token is sold for these scopes; a status refuses. `form`: of a POST (OAuth 2.0). */
  readonly sells?: (asked: { readonly scopes: readonly string[]; readonly form: URLSearchParams }) => true | number;
}

/**
 * A registry whose tokens are good for exactly the scopes that they were asked for, and whose challenge names the scope that
 * is missing (distribution, "Token Authentication Specification" and "Token Scope Documentation").
 */
export const tokenGate = (registry: FaultRegistry, { realm, service, sells = () => true }: TokenGate): Habit => {
  const sold: (readonly string[])[] = [];
  const { host, pathname } = new URL(realm);
  const challenge = (scope: string | undefined): string =>
    `Bearer realm="${realm}",service="${service}"${scope === undefined ? "" : `,scope="${scope}"`}`;
  return async (request, response) => {
    const url = new URL(request.url ?? "/", `https://${request.headers.host ?? ""}`);
    if (url.host === host && url.pathname === pathname) {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const form = new URLSearchParams(body);
      const scopes = [...url.searchParams.getAll("scope"), ...(form.get("scope") ?? "").split(" ")].filter(Boolean);
      const answer = sells({ scopes, form });
      if (answer !== true) return refuse(response, answer, "DENIED", "requested access to the resource is denied");
      return json(response, { access_token: `t${sold.push(scopes)}`, expires_in: 300 });
    }
    // Storage services know signatures in their URLs alone.
    if (url.pathname.startsWith("/kept/")) return false;
    const target = targetOf(request);
    const number = /^Bearer t(\d+)$/.exec(request.headers.authorization ?? "")?.[1];
    const scopes = number === undefined ? undefined : sold[Number(number) - 1];
    const needed = target === undefined ? undefined : `repository:${target.name}:${actionsOf(target.method)}`;
    if (scopes !== undefined && (needed === undefined || scopes.some((scope) => covers(scope, needed)))) return false;
    response.setHeader("www-authenticate", challenge(needed));
    return refuse(response, 401, "UNAUTHORIZED", "authentication required");
  };
};

const json = (response: Parameters<typeof reply>[0], body: object): true =>
  reply(response, { headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const actionsOf = (method: string): string =>
  method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "pull,push";

/** `repository:a:pull,push` covers `repository:a:pull`. */
const covers = (scope: string, needed: string): boolean => {
  const [a = "", b = ""] = [scope, needed].map((one) => one.slice(0, one.lastIndexOf(":")));
  const [has = [], wants = []] = [scope, needed].map((one) => one.slice(one.lastIndexOf(":") + 1).split(","));
  return a === b && wants.every((action) => has.includes(action));
};

/** A registry that wants a password from everybody, and no token. */
export const passwordGate =
  (challenge: string, username: string, password: string): Habit =>
  (request, response) => {
    const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    if (request.headers.authorization === wanted || request.url?.startsWith("/kept/") === true) return false;
    response.setHeader("www-authenticate", challenge);
    return reply(response, { status: 401, body: "Not Authorized\n" });
  };
