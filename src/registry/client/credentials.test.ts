import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasCode } from "#core/errors.ts";
import { checkCredential, parseDockerConfig } from "#registry/client/credentials.ts";
import type { Credential } from "#registry/client/credentials.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const read = (auths: unknown) => parseDockerConfig(Buffer.from(JSON.stringify({ auths })), "config.json");
const password = (username: string, secret: string) => ({ kind: "password", username, password: secret });

describe("parseDockerConfig", () => {
  it.each([
    [{ auth: base64("me:pass:word") }, password("me", "pass:word")],
    [{ auth: base64("me:pw\0\0") }, password("me", "pw")],
    [{ username: "me", password: "pw" }, password("me", "pw")],
    [
      { auth: base64("me:pw"), identitytoken: "idt" },
      { kind: "refresh", token: "idt" },
    ],
    [{ auth: base64("<token>:idt") }, { kind: "refresh", token: "idt" }],
    [{ registrytoken: "rt" }, { kind: "bearer", token: "rt" }],
    [{}, undefined],
    [{ auth: "" }, undefined],
  ])("reads the entry %j", async (entry, credential) => {
    expect(await read({ "host.test": entry })("host.test")).toEqual(credential);
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
  ])("finds the key %s for the registry %s", async (key, registry) => {
    expect(await read({ [key]: { username: "me", password: "pw" } })(registry)).toEqual(password("me", "pw"));
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
  ])("attack 47: the key %s is nothing to the registry %s", async (key, registry) => {
    expect(await read({ [key]: { username: "me", password: "pw" } })(registry)).toBeUndefined();
  });

  it("prefers the bare name, and an entry with content", async () => {
    const one = { username: "bare", password: "pw" };
    const other = { username: "long", password: "pw" };
    expect(await read({ "https://host.test/v1/": other, "host.test": one })("host.test")).toMatchObject(one);
    expect(await read({ "https://host.test/v1/": other, "host.test": {} })("host.test")).toMatchObject(other);
  });

  it("minds a broken entry only where it is asked for, and quotes no secret", async () => {
    const source = read({
      "broken.test": { auth: base64("hunter2") },
      "good.test": { username: "me", password: "pw" },
    });
    expect(await source("good.test")).toEqual(password("me", "pw"));
    await expect(source("broken.test")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.not.stringMatching(/hunter2|aHVudGVyMg/) as string,
    });
  });

  it.each(["", "[]", "{", '{"auths":[]}', '{"auths":{"host.test":"hunter2"}', '{"a":1,"a":"hunter2"}'])(
    "refuses the file %j without quoting it",
    (text) => {
      const parse = () => parseDockerConfig(Buffer.from(text), "/home/me/config.json");
      expect(parse).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
      expect(parse).toThrow(/^\/home\/me\/config\.json(?!.*hunter2)/);
    },
  );

  it("a file without auths knows nobody", async () => {
    expect(await parseDockerConfig(Buffer.from('{"credsStore":"x"}'), "f")("host.test")).toBeUndefined();
  });

  it("throws nothing but CONFIG_INVALID", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.string(), async (entry, key) => {
        const text = JSON.stringify({ auths: { [key]: JSON.parse(entry) as unknown, "host.test": JSON.parse(entry) } });
        const outcome = await parseTry(text);
        expect(outcome === undefined || hasCode(outcome, "CONFIG_INVALID")).toBe(true);
      }),
    );
  });
});

const parseTry = async (text: string): Promise<unknown> => {
  try {
    await parseDockerConfig(Buffer.from(text), "f")("host.test");
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("checkCredential", () => {
  const password = (username: string, secret: string): Credential => ({ kind: "password", username, password: secret });
  const token = (kind: "bearer" | "refresh", text: string): Credential => ({ kind, token: text });

  it.each([
    password("me\n", "s3cret"),
    password("me", "s3cret\r\nX-Evil: 1"),
    password("me", "s3cret\u0000"),
    password("me", "s3cret\u007f"),
    token("bearer", "s3cret\n"),
    token("bearer", "s3cret\r\nX-Evil: 1"),
    token("bearer", "s3cret s3cret"),
    token("bearer", "s3cret\u00e9"),
    token("refresh", "s3cret\t"),
  ])("refuses what cannot be sent, without repeating it: %j", (credential) => {
    const check = (): void => checkCredential(credential, "host.test");
    expect(check).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", exitCode: 2 }) as Error);
    expect(check).toThrow(/host\.test/);
    expect(check).not.toThrow(/s3cret|Evil/);
  });

  it("takes blanks and letters of any language in a password", () => {
    expect(() => checkCredential(password("j\u00f6rg", "p\u00e4ss wort: \u2603"), "host.test")).not.toThrow();
    expect(() => checkCredential(token("bearer", "eyJ.e-_~+/=="), "host.test")).not.toThrow();
  });
});
