import { describe, expect, it } from "vitest";
import { COMMANDS } from "#cli/commands.ts";
import { completeWords, writeCompletion } from "#cli/completeWords.ts";

const complete = (...words: readonly string[]) => completeWords(COMMANDS, words);
const wordsOf = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await complete(...words)).candidates.map(({ word }) => word);

describe("completion", () => {
  it("offers commands, groups once, and what belongs to a group", async () => {
    expect(await wordsOf("vers")).toEqual(["version"]);
    expect(await wordsOf("verify")).toEqual(expect.arrayContaining(["verify", "verify-attestation"]));
    expect(await wordsOf("registry", "")).toEqual(["serve", "gc"]);
    expect((await wordsOf("")).filter((word) => word === "download")).toHaveLength(1);
    expect(await wordsOf("")).toContain("help");
    expect(await wordsOf("help", "triang")).toEqual(["triangulate"]);
    expect(await wordsOf("help", "tokens", "l")).toEqual(["list"]);
  });

  it("offers flags that are shown in the help and not given yet", async () => {
    expect(await wordsOf("verify", "--out")).toEqual(["--output"]);
    expect(await wordsOf("verify", "-o", "json", "--out")).toEqual([]);
    expect(await wordsOf("verify", "--output=json", "--out")).toEqual([]);
    expect(await wordsOf("verify", "--key", "a.pub", "--ke")).toEqual(["--key"]);
    expect(await wordsOf("sign", "--tlog-up")).toEqual([]);
    expect(await wordsOf("--verb")).toEqual(["--verbose"]);
    expect(await wordsOf("verify", "--he")).toEqual(["--help"]);
  });

  it("offers values: choices, types, formats, switches, parts of lists", async () => {
    expect(await wordsOf("verify", "-o", "")).toEqual(["json", "text", "report", "lines"]);
    expect(await wordsOf("verify", "--output=l")).toEqual(["--output=lines"]);
    expect(await wordsOf("attest", "--type", "cyc")).toEqual(["cyclonedx"]);
    expect(await wordsOf("verify-attestation", "--type", "vs")).toEqual(["vsa"]);
    expect(await wordsOf("sbom", "--format", "t")).toEqual(["table"]);
    expect(await wordsOf("issue", "--sbom-format", "cyclonedx-json@1.4")).toEqual(["cyclonedx-json@1.4"]);
    expect(await wordsOf("verify", "--check-claims=f")).toEqual(["--check-claims=false"]);
    expect(await wordsOf("copy", "--only", "sig,at")).toEqual(["sig,att"]);
    expect(await wordsOf("--progress", "pl")).toEqual(["plain"]);
    expect(await wordsOf("--progress", "plain", "triang")).toEqual(["triangulate"]);
    expect(await wordsOf("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await wordsOf("config", "explain", "logi")).toEqual(["login"]);
  });

  it("says where paths belong", async () => {
    expect(await complete("verify", "--key", "")).toEqual({ candidates: [], paths: "files", open: false });
    expect((await complete("verify", "--key=")).paths).toBe("files");
    expect((await complete("registry", "serve", "--dir", "")).paths).toBe("directories");
    expect((await complete("tree", "oci:./lay")).paths).toBe("files");
    expect(await wordsOf("tree", "oc")).toEqual(["oci:"]);
    expect((await complete("logout", "")).paths).toBe("none");
  });

  it("counts words that are no flags", async () => {
    expect(await wordsOf("tree", "--platform", "linux/amd64", "o")).toEqual(["oci:"]);
    expect(await wordsOf("tree", "a.example/b", "o")).toEqual([]);
    expect(await wordsOf("verify", "a.example/b", "o")).toEqual(["oci:"]);
    expect(await wordsOf("verify", "--", "--out")).toEqual([]);
  });

  it.each([
    [["frobnicate", ""]],
    [["verify", "--nothing", "x", "--nor", ""]],
    [["--progress"]],
    [["registry", "serve", "serve", ""]],
    [[]],
    [["verify", "--nothing=x"]],
  ])("leads nowhere, without a fault, from %j", async (words) => {
    await expect(complete(...words)).resolves.toBeDefined();
  });

  it("is written as lines for shells", async () => {
    expect(writeCompletion(await complete("triang"))).toBe(
      "triangulate\tprint the tag under which papers are kept\n:none\n",
    );
    expect(writeCompletion(await complete("tree", "oci:"))).toBe(":files open\n");
  });
});
