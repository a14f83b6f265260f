import { describe, expect, it } from "vitest";
import { readProxies } from "#net/proxies.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const chosen = (environment: Readonly<Record<string, string>>, target: string): string | undefined =>
  readProxies(environment)?.(new URL(target))?.url.host;

describe("readProxies", () => {
  it("chooses by scheme, takes upper case before lower, and may lack the scheme", () => {
    const environment = {
      HTTP_PROXY: "plain.example:3128",
      https_proxy: "http://lower.example:1",
      HTTPS_PROXY: "up.example",
    };
    expect(chosen(environment, "http://registry.example/")).toBe("plain.example:3128");
    expect(chosen(environment, "https://registry.example/")).toBe("up.example");
    expect(chosen({ https_proxy: "http://lower.example:1" }, "https://registry.example/")).toBe("lower.example:1");
    expect(chosen({ HTTP_PROXY: "plain.example" }, "https://registry.example/")).toBe(undefined);
  });

  it("heeds NO_PROXY with the port that a scheme implies, and IPv6", () => {
    const environment = { HTTPS_PROXY: "proxy.example", no_proxy: "registry.example:443,2001:db8::/32" };
    expect(chosen(environment, "https://registry.example/")).toBe(undefined);
    expect(chosen(environment, "https://registry.example:5000/")).toBe("proxy.example");
    expect(chosen(environment, "https://[2001:db8::1]:5000/")).toBe(undefined);
    expect(chosen(environment, "https://127.0.0.1:5000/")).toBe(undefined);
  });

  it("says nothing where nothing is set, and not what a CGI request set", () => {
    expect(readProxies({ HTTP_PROXY: "", NO_PROXY: "*" })).toBe(undefined);
    expect(readProxies({ HTTP_PROXY: "evil.example", REQUEST_METHOD: "GET" })).toBe(undefined);
  });

  it("takes user and password apart, and never shows them", () => {
    const proxy = readProxies({ HTTPS_PROXY: "http://ann:p%40ss@proxy.example:1" })?.(new URL("https://r.example/"));
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from("ann:p@ss").toString("base64")}`);
    expect(proxy?.url.href).toBe("http://proxy.example:1/");
    for (const bad of [
      "socks5://ann:secret@proxy.example",
      "http://",
      "http://ann:sec%ret@proxy.example",
      "://secret",
    ]) {
      expect(codeOf(() => readProxies({ HTTPS_PROXY: bad }))).toBe("CONFIG_INVALID");
      expect(() => readProxies({ HTTPS_PROXY: bad })).not.toThrow(/sec/);
    }
  });
});
