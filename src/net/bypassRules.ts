import { BlockList, isIP } from "node:net";

/** Whether requests to a host and port go past the proxy. `host` without brackets, in lower case. */
export type Bypass = (host: string, port: string) => boolean;

/**
 * The rules of NO_PROXY as Go's programs read them (golang.org/x/net/http/httpproxy), cosign among them: `*`; addresses and
 * CIDR ranges; `example.com` for itself and all below it, `.example.com` and `*.example.com` for what is below it; each but
 * a range with `:PORT` for that port alone. Loopback goes past every proxy in any case.
 */
export const readBypassRules = (text: string): Bypass => {
  const rules = text
    .split(",")
    .map((rule) => rule.trim().toLowerCase())
    .filter((rule) => rule !== "");
  const matchers = [isLoopback, ...rules.map(readRule)];
  return (host, port) => matchers.some((matches) => matches(host, port));
};

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

const isLoopback: Bypass = (host) => host === "localhost" || contains(LOOPBACK, host);

const readRule = (rule: string): Bypass => {
  if (rule === "*") return () => true;
  const range = readRange(rule);
  if (range !== undefined) return (host) => contains(range, host);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([0-9]+))?$/.exec(rule) ?? [];
  // What does not fit is an IPv6 address without brackets and port.
  const name = bracketed ?? plain ?? rule;
  const matches = isIP(name) === 0 ? matchName(name) : matchAddress(name);
  return (host, at) => (port === undefined || port === at) && matches(host);
};

const readRange = (rule: string): BlockList | undefined => {
  const [address = "", bits = "", more] = rule.split("/");
  const family = isIP(address);
  if (more !== undefined || family === 0 || !/^[0-9]{1,3}$/.test(bits)) return undefined;
  if (Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return range;
};

const matchAddress = (address: string): ((host: string) => boolean) => {
  const one = new BlockList();
  one.addAddress(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  return (host) => contains(one, host);
};

const matchName = (name: string): ((host: string) => boolean) => {
  const below = name.replace(/^\*?\./, "");
  const withItself = below === name;
  return (host) => below !== "" && (host.endsWith(`.${below}`) || (withItself && host === below));
};

const contains = (list: BlockList, host: string): boolean => {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? "ipv4" : "ipv6");
};
