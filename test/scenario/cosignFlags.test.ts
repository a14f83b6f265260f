import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "#cli/commands.ts";
import type { Flag } from "#cli/flag.ts";
import { flagsOf } from "#cli/globalFlags.ts";
import { flagName } from "#cli/readFlags.ts";

const TABLE = "../shared/reference/cosign.md";
const missing = !existsSync(TABLE);
const differences = readFileSync("docs/cosign-differences.md", "utf8");

interface WantedFlag {
  readonly command: string;
  /** As typed: `--key`, `-a`. */
  readonly flag: string;
  readonly priority: string;
}

// What the table writes as a pattern.
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  "--timestamp-client-*": ["--timestamp-client-cacert", "--timestamp-client-cert", "--timestamp-client-key"],
  "--oidc-*": [
    "--oidc-issuer",
    "--oidc-client-id",
    "--oidc-client-secret-file",
    "--oidc-redirect-url",
    "--oidc-provider",
  ],
};

/** `--a[-b]` and `--a-{b,c}` as the flags that they stand for. */
const expand = (text: string): readonly string[] => {
  const word = text.split(/[ =]/)[0] ?? "";
  if (PATTERNS[word] !== undefined) return PATTERNS[word];
  const choice = /^(.*)\{(.*)\}$/.exec(word);
  if (choice !== null) return (choice[2] ?? "").split(",").map((part) => `${choice[1] ?? ""}${part}`);
  const optional = /^(.*)\[(.*)\](.*)$/.exec(word);
  if (optional === null) return [word];
  const [, before = "", middle = "", after = ""] = optional;
  return [`${before}${after}`, `${before}${middle}${after}`];
};

const namesIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code = ""]) =>
    code
      // A comma divides names, and also the choices within braces.
      .split(/, (?=-)/)
      .filter((word) => word.startsWith("-"))
      .flatMap(expand),
  );

const priorityOf = (text: string): string => /\[(must|nice|skip|accept)[^\]]*\]/.exec(text)?.[1] ?? "none";

/** The flag tables of section 7, and the sentences that add to them. */
const readTable = (): readonly WantedFlag[] => {
  const text = readFileSync(TABLE, "utf8");
  const section = text.slice(text.indexOf("\n## 7. "), text.indexOf("\n## 8. "));
  const wanted: WantedFlag[] = [];
  let command = "";
  for (const line of section.split("\n")) {
    const [, name, rest = ""] = /^\*\*([a-z-]+)\*\*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      command = name;
      // What a command adds, it adds to the flags of the one before it.
      if (rest.startsWith(" adds")) wanted.push(...inherited(wanted, name), ...added(name, rest));
    }
    const cells = line.replaceAll("\\|", "/").split("|");
    if (command === "" || !line.startsWith("| `-")) continue;
    for (const flag of namesIn(cells[1] ?? "")) wanted.push({ command, flag, priority: priorityOf(cells[3] ?? "") });
  }
  return wanted;
};

const PARENTS: Readonly<Record<string, string>> = { attest: "sign", "verify-attestation": "verify" };

// Flags that speak of signatures of images, and that cosign has on no other command.
const OWN = ["-a", "--annotations", "--attachment", "--payload", "--signature", "--upload"];
const isOwn = (flag: string): boolean => OWN.includes(flag) || /^--(output-|sign-)/.test(flag);

const inherited = (wanted: readonly WantedFlag[], command: string): readonly WantedFlag[] =>
  wanted.flatMap((one) => (one.command === PARENTS[command] && !isOwn(one.flag) ? [{ ...one, command }] : []));

const added = (command: string, sentence: string): readonly WantedFlag[] =>
  sentence
    .split(/(?<=\])/)
    .flatMap((part) => namesIn(part).map((flag) => ({ command, flag, priority: priorityOf(part) })));

/** What section 5.8 and the row of the blob commands speak of, on the commands where cosign has it. */
const OTHERS = `
sign-blob --key --bundle --b64 --output --output-signature --output-certificate --signing-algorithm --tlog-upload
verify-blob --key --bundle --signature --certificate --certificate-chain --sct
attest-blob --key --bundle --hash --output-signature --output-attestation --output-certificate --predicate --type
verify-blob-attestation --key --bundle --signature --digest --digestAlg --type --check-claims
download signature --registry-username
download attestation --predicate-type --platform
download sbom --platform
tree --experimental-oci11 --registry-referrers-mode
triangulate --type
generate -a --annotations
copy -f --force --only --sig-only --platform
save --dir
load --dir
clean -f --force --type
attach signature --signature --payload --bundle --certificate --certificate-chain --tsr --rekor-response
attach attestation --attestation
`;

const readOthers = (): readonly WantedFlag[] =>
  OTHERS.trim()
    .split("\n")
    .flatMap((line) => {
      const [command = ""] = /^[a-z-]+(?: [a-z]+)?/.exec(line) ?? [];
      const flags = line.slice(command.length).trim().split(" ");
      return flags.map((flag) => ({ command, flag, priority: "nice" }));
    });

const findFlag = async ({ command, flag }: WantedFlag): Promise<Flag<unknown> | undefined> => {
  const entry = COMMANDS.find(({ name }) => name === command);
  const flags = entry === undefined ? {} : flagsOf((await entry.load()).command);
  return Object.entries(flags).find(
    ([property, { short }]) => flag === `--${flagName(property)}` || flag === `-${short}`,
  )?.[1];
};

const run = (words: readonly string[]) =>
  spawnSync(process.execPath, ["bin/waybill.js", ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", WAYBILL_FROM: "dist" },
  });

describe.skipIf(missing)("cosign's flags", () => {
  const table = missing ? [] : readTable();
  const wanted = [...table, ...readOthers()];

  it("are read from the table", () => {
    const commands = [...new Set(table.map(({ command }) => command))];
    expect(commands).toEqual(["sign", "attest", "verify", "verify-attestation"]);
    expect(table.length).toBeGreaterThan(120);
    expect(table.filter(({ priority }) => priority === "none")).toEqual([]);
    expect(wanted).toContainEqual({ command: "verify", flag: "--certificate-identity-regexp", priority: "must" });
    expect(wanted).toContainEqual({ command: "verify", flag: "--certificate-github-workflow-sha", priority: "nice" });
    expect(wanted).toContainEqual({ command: "sign", flag: "-y", priority: "must" });
    expect(wanted).toContainEqual({ command: "attest", flag: "--replace", priority: "must" });
    expect(wanted).toContainEqual({ command: "verify-attestation", flag: "--type", priority: "must" });
  });

  it("of the row of the blob commands are all among those of the other commands", () => {
    const row = /^\*\*blob commands\*\*: (.*)$/m.exec(readFileSync(TABLE, "utf8"))?.[1] ?? "";
    const others = readOthers().map(({ flag }) => flag);
    const names = namesIn(row);
    expect(names).toContain("--hash");
    const unknown = names.filter((name) => !others.some((one) => one.startsWith(name.replace("*", ""))));
    expect(unknown).toEqual([]);
  });

  it("are each implemented, or refused with exit 2 or ignored with a warning, and then listed", async () => {
    for (const one of wanted) {
      const found = await findFlag(one);
      expect(found, `${one.command} ${one.flag} is unknown`).toBeDefined();
      if (found?.refused !== true && found?.ignored !== true) continue;
      expect(differences, `${one.flag} of ${one.command} is not listed`).toContain(`\`${one.flag}\``);
    }
  });

  it("that are refused end in exit 2 and say why, those without effect in a warning", async () => {
    for (const one of wanted) {
      const found = await findFlag(one);
      if (found?.refused !== true && found?.ignored !== true) continue;
      const words = [...one.command.split(" "), one.flag, ...(found.value === undefined ? [] : ["x"]), "oci:nowhere"];
      const { status, stderr, stdout } = run(words);
      expect(stdout).toBe("");
      const told = found.refused === true ? `error: USAGE_INVALID ${one.flag}: ` : `warning: ${one.flag} has no effect`;
      expect(`${status} ${stderr}`, `${words.join(" ")}`).toContain(told);
      // What has no effect lets the command go on, to an image that is not there.
      expect(found.refused === true ? [2] : [2, 4]).toContain(status);
    }
  }, 120_000);
});
