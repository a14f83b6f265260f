import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Socket } from "node:net";
import { proxyRefusal, proxyTrouble } from "#net/proxyError.ts";
import type { Proxy } from "#net/proxies.ts";

export interface TunnelOptions {
  /** Time for the connection to the proxy and for its answer. */
  readonly connectMs: number;
  /** PEM of authorities for the certificate of a proxy that is reached by https; undefined: Node's. */
  readonly ca?: readonly string[] | undefined;
}

/** A connection through a proxy to `host:port` of a URL (RFC 9110 section 9.3.6). NETWORK_FAILED, NETWORK_TIMEOUT. */
export const openTunnel = (proxy: Proxy, target: URL, { connectMs, ca }: TunnelOptions): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const authority = `${target.hostname}:${target.port || 443}`;
    const request = (proxy.url.protocol === "https:" ? requestSecure : requestPlain)({
      host: proxy.url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: proxy.url.port || (proxy.url.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: authority,
      headers: {
        host: authority,
        ...(proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
      },
      agent: false,
      signal: AbortSignal.timeout(connectMs),
      ...(ca === undefined ? {} : { ca: [...ca] }),
    });
    request.once("connect", (answer, socket: Socket, first) => {
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        if (first.length > 0) socket.unshift(first);
        resolve(socket);
      } else {
        socket.destroy();
        reject(proxyRefusal(proxy, status));
      }
    });
    request.once("error", (error) => reject(proxyTrouble(proxy, error)));
    request.end();
  });
