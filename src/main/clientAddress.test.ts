import { describe, expect, it } from "vitest";
import { clientAddress } from "#main/clientAddress.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const PROXIES = ["10.0.0.0/24", "192.0.2.7", "2001:db8:f::/48"];

describe("a client's address", () => {
  const addressOf = clientAddress(PROXIES);

  it.each([
    ["whom the proxy saw", "10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["whom the first of two proxies saw", "10.0.0.1", "203.0.113.9, 192.0.2.7", "203.0.113.9"],
    ["whom a proxy saw, whatever the client itself wrote", "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["no proxy that the client claims to be behind", "10.0.0.1", "198.51.100.1, 10.0.0.9, 203.0.113.9", "203.0.113.9"],
    ["the proxy's, which says nothing", "10.0.0.1", null, "10.0.0.1"],
    ["the proxy's, which says nothing that is an address", "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"],
    ["the proxy's, which says an empty word", "10.0.0.1", "", "10.0.0.1"],
    ["the outermost proxy's, which asks for itself", "10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"],
    ["with a port", "10.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
    ["of version 6 with a port", "10.0.0.1", "[2001:db8::9]:4711", "2001:db8::9"],
    ["behind a proxy of version 6", "2001:db8:f:1::1", "2001:db8::9", "2001:db8::9"],
    ["behind a proxy that came through a socket for both versions", "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["of version 4 written as 6", "10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
  ])("is %s", (_, peer, forwardedFor, address) => {
    expect(addressOf(peer, forwardedFor)).toBe(address);
  });

  it.each([
    ["is not trusted", "203.0.113.9", PROXIES],
    ["is beside the range", "10.0.1.1", PROXIES],
    ["is trusted by nobody", "10.0.0.1", []],
  ])("is the peer's where it %s, whatever it forwards", (_, peer, trusted) => {
    expect(clientAddress(trusted)(peer, "198.51.100.1")).toBe(peer);
    expect(clientAddress(trusted)(peer, "10.0.0.1")).toBe(peer);
  });

  it("is looked for among the last hops only", () => {
    const hops = ["203.0.113.9", ...Array.from({ length: 40 }, () => "10.0.0.2")].join(", ");
    expect(addressOf("10.0.0.1", hops)).toBe("10.0.0.2");
  });

  it.each(["0.0.0.0/0", "::/0", "10.0.0/8", "10.0.0.0/33", "2001:db8::/129", "proxy.example", "", "10.0.0.0/08"])(
    "comes from no proxy %j",
    (range) => {
      expect(codeOf(() => clientAddress([range]))).toBe("USAGE_INVALID");
    },
  );
});
