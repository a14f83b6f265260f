import { isIPv4 } from "node:net";

/**
 * Hosts that may be spoken to over plain http without being asked for: loopback, RFC 1918 addresses, `*.localhost` and
 * `*.local` (CLI.md "Registries"; cosign.md 9.4 and 11.15). `hostname` as `URL.hostname` gives it.
 */
export const isLocalHost = (hostname: string): boolean => {
  if (isIPv4(hostname)) {
    const [a = 0, b = 0] = hostname.split(".").map(Number);
    return a === 127 || a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
  }
  if (hostname === "[::1]" || hostname === "localhost") return true;
  return hostname.endsWith(".localhost") || hostname.endsWith(".local");
};
