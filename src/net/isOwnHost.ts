import { BlockList, isIP } from "node:net";

const OWN = new BlockList();
OWN.addSubnet("0.0.0.0", 8, "ipv4");
OWN.addSubnet("127.0.0.0", 8, "ipv4");
// Link-local: where clouds tell a machine its secrets.
OWN.addSubnet("169.254.0.0", 16, "ipv4");
OWN.addAddress("::", "ipv6");
OWN.addAddress("::1", "ipv6");
OWN.addSubnet("fe80::", 10, "ipv6");
// Amazon's, which is no link-local one.
OWN.addAddress("fd00:ec2::254", "ipv6");

/**
 * Addresses that mean this very machine or its own line, to which no stranger may send us (attack 48). `hostname` as
 * `URL.hostname` gives it, or an address; names are not resolved.
 */
export const isOwnHost = (hostname: string): boolean => {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  return family !== 0 && OWN.check(address, family === 4 ? "ipv4" : "ipv6");
};
