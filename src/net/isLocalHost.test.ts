import { describe, expect, it } from "vitest";
import { isLocalHost } from "#net/isLocalHost.ts";

const hostname = (host: string): string => new URL(`http://${host}/`).hostname;

describe("isLocalHost", () => {
  it.each(["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "10.1.2.3", "172.16.0.1", "172.31.0.1"])(
    "takes %s for local",
    (host) => expect(isLocalHost(hostname(host))).toBe(true),
  );

  it.each(["192.168.0.9", "box.local", "a.b.local"])("takes %s for local", (host) =>
    expect(isLocalHost(hostname(host))).toBe(true),
  );

  it.each(["ghcr.io", "172.15.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1", "169.254.169.254", "128.0.0.1", "[::2]"])(
    "does not take %s for local",
    (host) => expect(isLocalHost(hostname(host))).toBe(false),
  );

  it.each(["localhost.evil.test", "local", "notlocalhost", "evillocal", "10.0.0.1.evil.test", "127.0.0.1.nip.io"])(
    "does not take the look-alike %s for local",
    (host) => expect(isLocalHost(hostname(host))).toBe(false),
  );
});
