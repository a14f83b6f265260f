import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, succeed } from "./run.ts";
import { waybillCommand, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Completion in real shells; bash, which is everywhere, has a scenario of its own.

const workspace = openWorkspace();
const bin = workspace.path("bin");
const env = { ...workspace.env, PATH: `${bin}:${process.env["PATH"] ?? ""}`, TERM: "xterm", LANG: "C.UTF-8" };

beforeAll(async () => {
  mkdirSync(bin);
  const [node, args] = waybillCommand([]);
  const script = `#!/bin/sh\nWAYBILL_FROM=dist exec ${[node, ...args].join(" ")} "$@"\n`;
  writeFileSync(`${bin}/waybill`, script, { mode: 0o755 });
  writeFileSync(workspace.path("team.pub"), "");
  for (const shell of ["zsh", "fish"]) {
    const { stdout } = await waybillDone(["completion", shell, "--also", "cosign"], { env });
    writeFileSync(workspace.path(`waybill.${shell}`), stdout);
  }
});
afterAll(() => workspace[Symbol.dispose]());

describe("fish", () => {
  const complete = async (line: string): Promise<readonly string[]> => {
    const code = `cd ${workspace.path()}; source waybill.fish; complete -C ${JSON.stringify(line)}`;
    const stdout = await succeed("fish", ["--no-config", "-c", code], { env });
    return stdout.split("\n").filter((one) => one !== "");
  };

  it.each([
    ["waybill triang", ["triangulate\tprint the tag under which papers are kept"]],
    [
      "waybill tokens ",
      ["create\tmake a token for the API", "list\tlist the tokens of a tenant", "revoke\tmake a token useless"],
    ],
    ["waybill show --output ", ["json", "text"]],
    ["waybill show --output=js", ["--output=json"]],
    ["waybill verify --key te", ["team.pub"]],
    ["waybill verify --key=te", ["--key=team.pub"]],
    ["cosign triang", ["triangulate\tprint the tag under which papers are kept"]],
  ])("completes %s", async (line, words) => {
    expect(await complete(line)).toEqual(words);
  });
});

describe("zsh", () => {
  /** The line as it stands after a tabulator, in a shell with a terminal of its own. */
  const completed = async (line: string, until: string): Promise<boolean> => {
    const script = [
      "zmodload zsh/zpty",
      "zpty shell 'exec zsh -f -i'",
      `zpty -w shell 'cd ${workspace.path()}; autoload -Uz compinit; compinit -D -u; source waybill.zsh; echo re''ady'`,
      "zpty -r shell output '*ready*'",
      `zpty -w -n shell '${line}'$'\\t'`,
      `zpty -r shell output '*${until}*' && echo completed`,
      "zpty -d shell",
    ].join("\n");
    const { stdout } = await run("timeout", ["60", "zsh", "-f", "-c", script], { env });
    return stdout.includes("completed");
  };

  it.each([
    ["waybill triang", "triangulate"],
    ["waybill registry ser", "registry serve"],
    ["waybill attest --type slsaprovenance0", "slsaprovenance02"],
    ["waybill show --output=js", "--output=json"],
    ["waybill verify --key te", "team.pub"],
    ["waybill verify --key=te", "--key=team.pub"],
    ["cosign triang", "cosign triangulate"],
  ])("completes %s", async (line, until) => {
    expect(await completed(line, until)).toBe(true);
  });
});
