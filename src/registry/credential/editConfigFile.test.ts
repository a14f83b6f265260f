import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authOf, editConfigFile } from "#registry/credential/editConfigFile.ts";
import type { AuthEntry } from "#registry/credential/editConfigFile.ts";
import { parseConfigFile } from "#registry/credential/parseConfigFile.ts";
import { codeOf } from "../../../test/fakes/codeOf.ts";

const fileOf = (text: string, path = "config.json") => ({ path, bytes: Buffer.from(text) });
const edit = (config: object, registry: string, entry: AuthEntry): unknown => {
  const text = editConfigFile(fileOf(JSON.stringify(config)), registry, entry);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
};

describe("editConfigFile", () => {
  it("replaces every name of the registry as a whole, and leaves its parts and everything else", () => {
    const rest = { credsStore: "x", HttpHeaders: { a: "b" }, future: [1, 2.5, null] };
    const parts = { "host.test/team": { auth: "a" }, "other.test": { auth: "b" }, "host.test:5000": { auth: "c" } };
    const old = { "https://host.test/v1/": { auth: "d" }, "HOST.test": { identitytoken: "e" } };
    const config = { ...rest, auths: { ...old, ...parts } };
    expect(edit(config, "host.test", { auth: "new" })).toEqual({
      ...rest,
      auths: { ...parts, "host.test": { auth: "new" } },
    });
    expect(edit(config, "host.test", undefined)).toEqual({ ...rest, auths: parts });
    expect(edit({ auths: parts }, "host.test", undefined)).toBeUndefined();
    expect(edit({}, "host.test", undefined)).toBeUndefined();
  });

  it("calls Docker Hub as docker does", () => {
    expect(edit({ auths: { "docker.io": {} } }, "docker.io", { auth: "a" })).toEqual({
      auths: { "https://index.docker.io/v1/": { auth: "a" } },
    });
  });

  it("leaves what it does not understand, and a .dockercfg, alone", () => {
    for (const text of ["", "[]", '{"auths":[]}', '{"a":1,"a":2}', '{"auths":{}} x'])
      expect(codeOf(() => editConfigFile(fileOf(text), "host.test", {}))).toBe("CONFIG_INVALID");
    expect(codeOf(() => editConfigFile(fileOf("{}", "/x/.dockercfg"), "host.test", {}))).toBe("CONFIG_INVALID");
  });

  it("is read back as what was written, whatever else is there", () => {
    const json = fc.json().map((text) => JSON.parse(text) as unknown);
    const word = fc.string({ minLength: 1 }).filter((text) => !text.includes(":") && !text.includes("\0"));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), json, word, word, (auths, other, username, password) => {
        const file = fileOf(JSON.stringify({ other, auths }));
        // What the reader refuses, such as a number that others would round, is left alone.
        if (codeOf(() => parseConfigFile(file)) !== undefined) return;
        const text = editConfigFile(file, "host.test", { auth: authOf({ username, password }) }) ?? "";
        const found = parseConfigFile(fileOf(text)).find({ registry: "host.test", repository: "x" }, "host");
        expect(found?.credential).toEqual(
          username === "<token>" ? { kind: "refresh", token: password } : { kind: "password", username, password },
        );
        expect((JSON.parse(text) as { other: unknown }).other).toEqual(other);
      }),
    );
  });
});
