import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Credential } from "#registry/client/credentials.ts";
import { parseConfigFile, placeOfKey } from "#registry/credential/parseConfigFile.ts";
import { codeOf } from "../../../test/fakes/codeOf.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const parse = (text: string, path = "config.json") => parseConfigFile({ path, bytes: Buffer.from(text) });
const read =
  (auths: unknown, text = JSON.stringify({ auths })) =>
  (registry: string, repository?: string): Credential | undefined => {
    const config = parse(text);
    const place = { registry, repository };
    return (config.find(place, "path") ?? config.find(place, "host"))?.credential;
  };
const password = (username: string, secret: string) => ({ kind: "password", username, password: secret });
const mine = { username: "me", password: "pw" };

describe("parseConfigFile", () => {
  it.each([
    [{ auth: base64("me:pass:word") }, password("me", "pass:word")],
    [{ auth: base64("me:pw\0\0") }, password("me", "pw")],
    [mine, password("me", "pw")],
    [
      { auth: base64("me:pw"), identitytoken: "idt" },
      { kind: "refresh", token: "idt" },
    ],
    [{ auth: base64("<token>:idt") }, { kind: "refresh", token: "idt" }],
    [{ registrytoken: "rt" }, { kind: "bearer", token: "rt" }],
    [{}, undefined],
    [{ auth: "" }, undefined],
  ])("reads the entry %j", (entry, credential) => {
    expect(read({ "host.test": entry })("host.test")).toEqual(credential);
  });

  it.each([
    ["host.test", "host.test"],
    ["HOST.test", "host.test"],
    ["https://host.test", "host.test"],
    ["https://host.test/", "host.test"],
    ["https://host.test/v1/", "host.test"],
    ["http://host.test:5000/v2", "host.test:5000"],
    ["localhost:5000", "localhost:5000"],
    ["[::1]:5000", "[::1]:5000"],
    ["https://index.docker.io/v1/", "docker.io"],
    ["docker.io", "docker.io"],
    ["registry-1.docker.io", "docker.io"],
  ])("finds the key %s for the registry %s", (key, registry) => {
    expect(read({ [key]: mine })(registry)).toEqual(password("me", "pw"));
  });

  it.each([
    ["host.test", "evil.host.test"],
    ["host.test", "host.test.evil.test"],
    ["host.test", "host.test:5000"],
    ["host.test:5000", "host.test"],
    ["host.test/team", "host.test"],
    ["https://host.test/v1/team", "host.test"],
    ["docker.io", "docker.io.evil.test"],
    ["ghost", "ghost"],
    ["https://user@host.test", "host.test"],
    ["*.test", "host.test"],
  ])("attack 47: the key %s is nothing to the registry %s", (key, registry) => {
    expect(read({ [key]: mine })(registry)).toBeUndefined();
  });

  it("prefers the bare name, and an entry with content", () => {
    const one = { username: "bare", password: "pw" };
    const other = { username: "long", password: "pw" };
    expect(read({ "https://host.test/v1/": other, "host.test": one })("host.test")).toMatchObject(one);
    expect(read({ "https://host.test/v1/": other, "host.test": {} })("host.test")).toMatchObject(other);
  });

  it.each([
    ["host.test/team", "team/app", true],
    ["host.test/team/", "team", true],
    ["host.test/team/app", "team/app/deep", true],
    ["host.test/team", "teams/app", false],
    ["host.test/team", "other/team", false],
    ["host.test/team", undefined, false],
    ["host.test/Team", "team/app", false],
    ["host.test/team:1.0", "team", false],
    ["host.test/../team", "team", false],
    ["host.test:5000/team", "team/app", false],
    ["https://host.test/team", "team/app", false],
  ])("attack 47: the key %s and the repository %s of host.test: %s", (key, repository, fits) => {
    expect(read({ [key]: mine })("host.test", repository)).toEqual(fits ? password("me", "pw") : undefined);
  });

  it("takes the longest path", () => {
    const of = (username: string) => ({ username, password: "pw" });
    const find = read({
      "host.test": of("all"),
      "host.test/team": of("team"),
      "host.test/team/app": of("app"),
      "docker.io/me": of("hub"),
    });
    expect(find("host.test", "team/app/x")).toMatchObject(of("app"));
    expect(find("host.test", "team/other")).toMatchObject(of("team"));
    expect(find("host.test", "other")).toMatchObject(of("all"));
    expect(find("docker.io", "me/app")).toMatchObject(of("hub"));
    expect(find("docker.io", "library/me")).toBeUndefined();
  });

  it("says which file and key it was, and reads a .dockercfg", () => {
    const config = parse(JSON.stringify({ "host.test": { auth: base64("me:pw") } }), "/run/secrets/.dockercfg");
    expect(config.find({ registry: "host.test", repository: "x" }, "host")).toEqual({
      credential: password("me", "pw"),
      from: '/run/secrets/.dockercfg: auths["host.test"]',
    });
  });

  it.each([
    [{ credsStore: "all" }, "host.test", [{ helper: "all", server: "host.test", where: "config.json: credsStore" }]],
    [
      { credsStore: "all", credHelpers: { "host.test": "own" } },
      "host.test",
      [{ helper: "own", server: "host.test", where: 'config.json: credHelpers["host.test"]' }],
    ],
    [{ credHelpers: { "host.test": "own" } }, "other.test", []],
    [{ credHelpers: { "host.test": "own" } }, "host.test:5000", []],
    [{ credHelpers: { "host.test": "" }, credsStore: "all" }, "host.test", []],
    [
      { credHelpers: { "index.docker.io": "own" } },
      "docker.io",
      [
        {
          helper: "own",
          server: "https://index.docker.io/v1/",
          where: 'config.json: credHelpers["index.docker.io"]',
        },
      ],
    ],
    [{}, "host.test", []],
  ])("the helpers of %j for %s", (file, registry, calls) => {
    expect(parse(JSON.stringify(file)).helpersOf(registry)).toEqual(calls);
  });

  it.each(["../../evil", "a b", "-x", "a/b", 7, "x".repeat(65)])("runs no helper called %j", (name) => {
    const config = parse(JSON.stringify({ credsStore: name }));
    expect(codeOf(() => config.helpersOf("host.test"))).toBe("CONFIG_INVALID");
  });

  it("minds a broken entry only where it is asked for, and quotes no secret", () => {
    const find = read({ "broken.test": { auth: base64("hunter2") }, "good.test": mine });
    expect(find("good.test")).toEqual(password("me", "pw"));
    expect(codeOf(() => find("broken.test"))).toBe("CONFIG_INVALID");
    expect(() => find("broken.test")).not.toThrow(/hunter2|aHVudGVyMg/);
  });

  it.each(["", "[]", "{", '{"auths":[]}', '{"auths":{"host.test":"hunter2"}', '{"a":1,"a":"hunter2"}'])(
    "refuses the file %j without quoting it",
    (text) => {
      const open = () => parse(text, "/home/me/config.json");
      expect(codeOf(open)).toBe("CONFIG_INVALID");
      expect(open).toThrow(/^\/home\/me\/config\.json(?!.*hunter2)/);
    },
  );

  it("throws nothing but CONFIG_INVALID, whatever it reads", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), fc.constantFrom("auths", "credHelpers", "credsStore"), (json, key, name) => {
        const entry = JSON.parse(json) as unknown;
        const text = JSON.stringify({ [name]: entry, auths: { [key]: entry, "host.test": entry } });
        const code = codeOf(() => {
          read({}, text)("host.test", "team/app");
          parse(text).helpersOf("host.test");
        });
        expect([undefined, "CONFIG_INVALID"]).toContain(code);
      }),
    );
  });
});

describe("placeOfKey", () => {
  it("takes no key for a host that is not written in it, nor a path for another", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(part, fc.array(part, { maxLength: 3 }), fc.boolean(), (label, path, slash) => {
        const registry = `${label}.test`;
        const key = [registry, ...path].join("/") + (slash ? "/" : "");
        const bare = path.length === 1 && /^v[12]$/.test(path[0] ?? "");
        expect(placeOfKey(key)).toEqual({ registry, path: bare ? "" : path.join("/") });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (key) => {
        const { registry, path } = placeOfKey(key) ?? { registry: "", path: "" };
        expect(registry === "docker.io" || key.toLowerCase().includes(`${registry}${path && `/${path}`}`)).toBe(true);
      }),
    );
  });
});
