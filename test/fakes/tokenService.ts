import type { IncomingMessage, ServerResponse } from "node:http";
import type { Credential } from "#registry/client/credentials.ts";
import type { FaultRegistry } from "./faultRegistry.ts";

/** Answers with JSON. */
export const answer = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
  return true;
};

export const me: Credential = { kind: "password", username: "me", password: "p:w" };
const basicOf = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
export const MY_BASIC = basicOf({ username: "me", password: "p:w" });

/** Asks for basic authentication everywhere. */
export const wantBasic = (registry: FaultRegistry, accepted: Credential = me): void => {
  const wanted = accepted.kind === "password" ? basicOf(accepted) : undefined;
  registry.fault = (request, response) =>
    request.headers.authorization === wanted
      ? false
      : answer(response, 401, {}, { "www-authenticate": 'Basic realm="here"' });
};

export interface TokenService {
  readonly asked: {
    readonly query: URLSearchParams;
    readonly authorization: string | undefined;
    readonly form: string;
  }[];
}

interface TokenRules {
  /** Where the realm says it is; default: the registry's own /token. */
  readonly realm?: string;
  readonly expiresIn?: number;
  /** A token that the registry takes; `count` is how many were given before. */
  readonly accepts?: (token: string) => boolean;
  /** Members of the answer besides the token, or a status with which it is refused. */
  readonly grants?: (asked: TokenService["asked"][number]) => object | number;
}

/** Makes a registry want bearer tokens, which it gives at its own /token. */
export const wantBearer = (registry: FaultRegistry, scheme: "http" | "https", rules: TokenRules = {}): TokenService => {
  const asked: { query: URLSearchParams; authorization: string | undefined; form: string }[] = [];
  const realm = rules.realm ?? `${scheme}://${registry.host}/token`;
  registry.fault = async (request, response) => {
    const url = new URL(request.url ?? "", "http://any");
    if (url.pathname === "/token") return giveToken(request, response, url);
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (/^t\d+$/.test(token) && rules.accepts?.(token) !== false) return false;
    const challenge = `Bearer realm="${realm}",service="the service"`;
    return answer(
      response,
      401,
      { errors: [{ code: "UNAUTHORIZED", message: "no" }] },
      { "www-authenticate": challenge },
    );
  };
  const giveToken = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<true> => {
    let form = "";
    for await (const chunk of request) form += String(chunk);
    asked.push({ query: url.searchParams, authorization: request.headers.authorization, form });
    const granted = rules.grants?.(asked.at(-1) as TokenService["asked"][number]) ?? {};
    if (typeof granted === "number") return answer(response, granted, {});
    return answer(response, 200, { token: `t${asked.length}`, expires_in: rules.expiresIn ?? 300, ...granted });
  };
  return { asked };
};
