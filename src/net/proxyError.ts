import { WaybillError } from "#core/errors.ts";
import type { Proxy } from "#net/proxies.ts";

const HINT = "The proxy is that of HTTPS_PROXY or HTTP_PROXY; NO_PROXY lists the hosts that are reached without it.";

/** A proxy's own refusal. One that may pass is as if the connection had been refused, and is tried again. */
export const proxyRefusal = ({ url }: Proxy, status: number): WaybillError =>
  new WaybillError("NETWORK_FAILED", `the proxy ${url.host} answers ${status}${wordsOf(status)}`, {
    hint: HINT,
    details: { reason: status >= 500 ? "refused" : "proxy" },
  });

const wordsOf = (status: number): string => {
  if (status === 407) return ": it wants other credentials than those of the variable";
  if (status === 403) return ": it does not let this host be reached";
  return status >= 500 ? ": it cannot reach the host" : "";
};

/** There is no connection to the proxy itself. */
export const proxyTrouble = ({ url }: Proxy, cause: Error): WaybillError => {
  const code = "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
  const late = cause.name === "AbortError" || cause.name === "TimeoutError" || code === " (UND_ERR_CONNECT_TIMEOUT)";
  return late
    ? new WaybillError("NETWORK_TIMEOUT", `the proxy ${url.host} does not answer in time`, {
        cause,
        hint: HINT,
        details: { reason: "connect" },
      })
    : new WaybillError("NETWORK_FAILED", `the proxy ${url.host} cannot be reached${code}`, {
        cause,
        hint: HINT,
        details: { reason: "refused" },
      });
};
