import type { LookupFunction, Socket } from "node:net";
import type { buildConnector as BuildConnector } from "undici";
import buildConnector from "undici/lib/core/connect.js";
import type { TunnelOptions } from "#net/openTunnel.ts";
import { proxyTrouble } from "#net/proxyError.ts";
import type { Proxy, ProxyChoice } from "#net/proxies.ts";

/** What a TLS connection to some hosts shows of us, and which name their certificates must have. */
export interface ClientIdentity {
  /** PEM. */
  readonly cert?: string | undefined;
  /** PEM of the certificate's private key. */
  readonly key?: string | undefined;
  /** Undefined: the host's own. */
  readonly serverName?: string | undefined;
  /** `host` or `host:port`; everybody else sees nothing of it. */
  readonly isFor: (host: string) => boolean;
}

export interface ConnectorOptions {
  readonly connectMs: number;
  /** For every TLS connection. */
  readonly tls: { readonly rejectUnauthorized: boolean; readonly ca?: string[] };
  readonly identity?: ClientIdentity | undefined;
  readonly proxies?: ProxyChoice | undefined;
  /** For hosts, and not for proxies, whose names are the user's. */
  readonly lookup: LookupFunction;
}

type Connect = BuildConnector.connector;

/** Makes connections: to hosts that an identity is for with it, and through proxies where one is chosen. */
export const openConnector = ({ connectMs, tls, identity, proxies, lookup }: ConnectorOptions): Connect => {
  const common = { timeout: connectMs, allowH2: false, ...tls };
  const named = { ...common, lookup };
  const toProxy = buildConnector(common);
  const plain = heedAlerts(buildConnector(named));
  const known = identity === undefined ? plain : heedAlerts(buildConnector({ ...named, ...shownOf(identity) }));
  return (options, callback) => {
    const host = options.host ?? options.hostname;
    const connect = identity?.isFor(host) === true ? known : plain;
    const target = URL.parse(`${options.protocol}//${host}`);
    const proxy = target === null ? undefined : proxies?.(target);
    if (target === null || proxy === undefined) connect(options, callback);
    else if (target.protocol === "http:") connectTo(proxy, toProxy, callback);
    else void connectThrough(() => tunnel(proxy, target, { connectMs, ca: tls.ca }), connect, options, callback);
  };
};

/**
 * A TLS 1.3 server that misses our certificate says so after the handshake is over for us (RFC 8446 section 4.4.2.4), in the
 * moment when the connection is handed over and nobody else listens: the alert would be lost, and only the end be seen.
 */
const heedAlerts =
  (connect: Connect): Connect =>
  (options, callback) =>
    connect(options, (...[error, socket]) => {
      socket?.once("error", (alert) => socket.destroy(alert));
      if (error === null) callback(null, socket);
      else callback(error, null);
    });

const shownOf = ({ cert, key, serverName }: ClientIdentity) => ({
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
  ...(serverName === undefined ? {} : { servername: serverName }),
});

const connectThrough = async (
  open: () => Promise<Socket>,
  connect: Connect,
  options: BuildConnector.Options,
  callback: BuildConnector.Callback,
): Promise<void> => {
  let socket: Socket;
  try {
    socket = await open();
  } catch (error) {
    return callback(error as Error, null);
  }
  connect({ ...options, httpSocket: socket }, callback);
};

/** Node's HTTP client is loaded by those alone who need it. */
const tunnel = async (proxy: Proxy, target: URL, options: TunnelOptions): Promise<Socket> =>
  (await import("#net/openTunnel.ts")).openTunnel(proxy, target, options);

/** Requests for plain http go to the proxy itself, with the whole URL in the place of their path. */
const connectTo = (proxy: Proxy, connect: Connect, callback: BuildConnector.Callback): void => {
  const { protocol, hostname, host, port } = proxy.url;
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  connect({ protocol, hostname: address, host, port }, (...[error, socket]) =>
    error === null ? callback(null, socket) : callback(proxyTrouble(proxy, error), null),
  );
};
