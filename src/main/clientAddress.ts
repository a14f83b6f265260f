import { BlockList, isIP } from "node:net";
import { WaybillError } from "#core/errors.ts";

/**
 * Whom a request comes from: the other side of the connection, or, where that is a proxy that is trusted, whoever the proxy
 * names in X-Forwarded-For.
 */
export type ClientAddress = (peer: string, forwardedFor: string | null) => string;

// No chain of proxies is longer; the rest of the header was written by whoever sent the request.
const MAX_HOPS = 32;
const CIDR = /^([0-9A-Fa-f.:]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/;

/** `trusted` are addresses and CIDR ranges of proxies. USAGE_INVALID for what is none, and for a range that is everybody. */
export const clientAddress = (trusted: readonly string[]): ClientAddress => {
  if (trusted.length === 0) return (peer) => peer;
  const proxies = new BlockList();
  for (const range of trusted) addRange(proxies, range);
  const isProxy = (address: string): boolean => proxies.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (peer, forwardedFor) => {
    let client = plainAddress(peer) ?? peer;
    if (isIP(client) === 0 || !isProxy(client)) return client;
    // Each proxy adds at the end whom it saw, so that from there on back all is true up to the first that is not ours.
    for (const hop of (forwardedFor ?? "").split(",").slice(-MAX_HOPS).toReversed()) {
      const address = plainAddress(hop);
      if (address === undefined) return client;
      client = address;
      if (!isProxy(client)) return client;
    }
    return client;
  };
};

const addRange = (proxies: BlockList, range: string): void => {
  const [, address = "", bits] = CIDR.exec(range) ?? [];
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  if (version === 0 || prefix > longest) throw unusable(range, "is neither an address nor a range of addresses");
  if (prefix === 0) throw unusable(range, "is everybody, who could then claim to be anybody");
  proxies.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
};

const unusable = (range: string, what: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `--trusted-proxy ${JSON.stringify(range.slice(0, 80))} ${what}`, {
    hint: "Name the proxy in front as 10.0.0.7, 10.0.0.0/24 or 2001:db8::/64.",
  });

/** Without port, brackets and zone, which some proxies write; undefined for what is no address. */
const plainAddress = (text: string): string | undefined => {
  const bare = text.trim().replace(/^\[([^\]]*)\](?::\d{1,5})?$/, "$1");
  const address = (/^[\d.]+:\d{1,5}$/.test(bare) ? bare.slice(0, bare.indexOf(":")) : bare).replace(/%.*$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  return isIP(mapped) === 0 ? undefined : mapped;
};
