import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "#cli/commands.ts";
import { listVariables } from "#cli/listVariables.ts";

const list = (env: Readonly<Record<string, string>>, showSecrets = false) => listVariables(COMMANDS, env, showSecrets);
const find = async (name: string, env: Readonly<Record<string, string>>, showSecrets = false) =>
  (await list(env, showSecrets)).find((one) => one.name === name);

describe("the list of variables", () => {
  it("has every variable that the sources read", async () => {
    const files = [
      ...globSync("src/**/*.ts", { exclude: ["**/*.test.ts", "src/cli/knownVariables.ts"] }),
      "bin/waybill.js",
    ];
    const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
    const read = /\b(?:env|environment)\["(\w+)"\]|process\.env\.([A-Z_]+)|"((?:WAYBILL|COSIGN)_(?:PASSWORD|ISSUE))"/g;
    const names = new Set([...text.matchAll(read)].map(([, a, b, c]) => (a ?? b ?? c ?? "").toUpperCase()));
    expect(names.size).toBeGreaterThan(35);
    const listed = new Set((await list({ WAYBILL_CONFIG: "x.yaml" })).map(({ name }) => name));
    expect([...names].filter((name) => !listed.has(name))).toEqual([]);
  });

  it("is sorted and names each once", async () => {
    const names = (await list({ COSIGN_KEY: "k", WAYBILL_KEY: "k" })).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].toSorted());
  });

  it("says which flags of which commands a variable stands for", async () => {
    expect(await find("COSIGN_CHECK_CLAIMS", { COSIGN_CHECK_CLAIMS: "false" })).toMatchObject({
      value: "false",
      unread: false,
      expects: "true or false",
    });
    expect((await find("WAYBILL_QUIET", { WAYBILL_QUIET: "1" }))?.meaning).toBe("--quiet of every command");
    expect(await find("COSIGN_CHECK_CLAIMS", {})).toBeUndefined();
  });

  it("masks secrets, and what nothing reads, until it is told otherwise", async () => {
    const env = {
      COSIGN_PASSWORD: "hunter2",
      WAYBILL_REGISTRY_TOKEN: "hunter2",
      WAYBILL_STORE: "postgres://u:hunter2@db/w",
      WAYBILL_TYPO: "hunter2",
      HTTPS_PROXY: "http://u:hunter2@proxy:3128",
      SIGSTORE_ID_TOKEN: "hunter2",
    };
    expect(JSON.stringify(await list(env))).not.toContain("hunter2");
    expect(await find("HTTPS_PROXY", env)).toMatchObject({ value: "http://(set)@proxy:3128" });
    expect(await find("WAYBILL_TYPO", env)).toMatchObject({ value: "******", unread: true });
    expect(await find("COSIGN_PASSWORD", env, true)).toMatchObject({ value: "hunter2" });
  });

  it("tells an empty value from none", async () => {
    expect((await find("COSIGN_PASSWORD", { COSIGN_PASSWORD: "" }))?.value).toBe("");
    expect((await find("COSIGN_PASSWORD", {}))?.value).toBeNull();
  });

  it("has those of build systems", async () => {
    expect(await find("CI_COMMIT_SHA", { CI_COMMIT_SHA: "abc" })).toMatchObject({
      value: "abc",
      meaning: "what --provenance-from gitlab and woodpecker takes",
    });
  });
});
