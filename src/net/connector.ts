import type { Socket } from "node:net";
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
}

type Connect = BuildConnector.connector;

/** Makes connections: to hosts that an identity is for with it, and through proxies where one is chosen. */
export const openConnector = ({ connectMs, tls, identity, proxies }: ConnectorOptions): Connect => {
  const common = { timeout: connectMs, allowH2: false, ...tls };
  const plain = buildConnector(common);
  const known = identity === undefined ? plain : buildConnector({ ...common, ...shownOf(identity) });
  return (options, callback) => {
    const host = options.host ?? options.hostname;
    const connect = identity?.isFor(host) === true ? known : plain;
    const target = URL.parse(`${options.protocol}//${host}`);
    const proxy = target === null ? undefined : proxies?.(target);
    if (target === null || proxy === undefined) connect(options, callback);
    else if (target.protocol === "http:") connectTo(proxy, plain, callback);
    else void connectThrough(() => tunnel(proxy, target, { connectMs, ca: tls.ca }), connect, options, callback);
  };
};

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
