import { WaybillError } from "#core/errors.ts";
import { readBypassRules } from "#net/bypassRules.ts";

/** A proxy for HTTP. */
export interface Proxy {
  /** `http://host:port/` or https, without user and password. */
  readonly url: URL;
  /** Value of Proxy-Authorization, a secret. */
  readonly authorization: string | undefined;
}

/** The proxy for requests to a URL; undefined: straight there. */
export type ProxyChoice = (target: URL) => Proxy | undefined;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in upper or lower case, as Go's programs read them. CONFIG_INVALID for a proxy of
 * another kind, which names the variable alone, since its value may hold a password.
 */
export const readProxies = (environment: Environment): ProxyChoice | undefined => {
  // Whoever sends a request to a CGI program chooses its HTTP_PROXY by a header "Proxy" (httpoxy, CVE-2016-5385).
  const cgi = environment["REQUEST_METHOD"] !== undefined;
  const http = readProxy(environment, cgi ? ["http_proxy"] : ["HTTP_PROXY", "http_proxy"]);
  const https = readProxy(environment, ["HTTPS_PROXY", "https_proxy"]);
  if (http === undefined && https === undefined) return undefined;
  const bypass = readBypassRules(environment["NO_PROXY"] || environment["no_proxy"] || "");
  return (target) => {
    const secure = target.protocol === "https:";
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    return bypass(host, target.port || (secure ? "443" : "80")) ? undefined : secure ? https : http;
  };
};

const readProxy = (environment: Environment, names: readonly string[]): Proxy | undefined => {
  const name = names.find((one) => (environment[one] ?? "") !== "");
  const text = name === undefined ? "" : (environment[name] ?? "").trim();
  if (name === undefined || text === "") return undefined;
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === "" || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new WaybillError("CONFIG_INVALID", `${name} names no proxy for HTTP`, {
      hint: "Write http://HOST:PORT or https://HOST:PORT; proxies of other kinds, such as SOCKS, are not supported.",
    });
  return { url: new URL(url.origin), authorization: authorizationOf(url, name) };
};

const authorizationOf = ({ username, password }: URL, name: string): string | undefined => {
  if (username === "" && password === "") return undefined;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString("base64")}`;
  } catch {
    throw new WaybillError("CONFIG_INVALID", `${name}: the user or the password has a % that is no escape`, {
      hint: "Write a % as %25, an @ as %40, a : as %3A, a / as %2F.",
    });
  }
};
