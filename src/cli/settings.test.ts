import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineCommand } from "#cli/command.ts";
import type { AnyCommand } from "#cli/command.ts";
import { runCommandLine } from "#cli/commandLine.ts";
import type { CommandEntry } from "#cli/commands.ts";
import type { Deps } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { readSettings } from "#cli/settings.ts";
import { parseSettings } from "#cli/settingsFile.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { memoryTerminal } from "../../test/fakes/memoryTerminal.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const verify = defineCommand({
  positionals: [],
  flags: {
    ...registryFlags,
    key: flag.list({ value: "KEY", summary: "keys" }),
    checkClaims: flag.toggle({ default: true, summary: "claims" }),
    maxWorkers: flag.count({ value: "N", min: 1, max: 9, default: 1, summary: "workers" }),
  },
  examples: [["waybill verify", "verify"]],
  run: async ({ io, flags }) => {
    await io.print(JSON.stringify([flags.key, flags.checkClaims, flags.maxWorkers, flags.allowInsecureRegistry]));
    return 0;
  },
});

const serve = defineCommand({
  positionals: [],
  autoConfig: true,
  flags: { listen: flag.text({ value: "HOST:PORT", default: "x", summary: "address" }) },
  examples: [["waybill serve", "serve"]],
  run: async ({ io, flags }) => {
    await io.print(flags.listen);
    return 0;
  },
});

const entry = (name: string, command: AnyCommand): CommandEntry => ({
  name,
  group: "Program",
  summary: `try ${name}`,
  load: async () => ({ command }),
});
const commands = [entry("verify", verify), entry("registry serve", serve), entry("serve", serve)];

const depsOf = (files: Readonly<Record<string, string>>, asked: string[] = []): Deps => {
  const deps: Partial<Deps> = {
    readInput: async (_ctx, path) => {
      asked.push(path);
      const text = files[path];
      if (text === undefined) throw new WaybillError("NOT_FOUND", `there is no file ${path}`);
      return Buffer.from(text);
    },
  };
  return deps as Deps;
};

const run = async (argv: readonly string[], files: Readonly<Record<string, string>>, env = {}) => {
  const terminal = memoryTerminal({ env });
  const asked: string[] = [];
  const interrupted = new AbortController().signal;
  const world = { terminal, clock: manualClock(), interrupted, commands, deps: depsOf(files, asked) };
  const code = await runCommandLine(world, argv);
  return { code, out: terminal.out(), err: terminal.err(), asked };
};

/** What `verify` says of a file's text. */
const complaint = async (text: string): Promise<string> => {
  const { code, err, out } = await run(["verify", "--config", "w.yaml"], { "w.yaml": text });
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^error: CONFIG_INVALID /);
  return err.replace(/^error: CONFIG_INVALID /, "");
};

const GOOD = "max-workers: 5\nlisten: y\ncommands:\n  verify:\n    key: [a.pub, b.pub]\n    check-claims: false\n";

describe("a settings file", () => {
  it("gives values that variables and flags override", async () => {
    const files = { "w.yaml": GOOD };
    const named = ["verify", "--config", "w.yaml"];
    expect((await run(named, files)).out).toBe('[["a.pub","b.pub"],false,5,false]');
    expect((await run(named, files, { WAYBILL_MAX_WORKERS: "6" })).out).toBe('[["a.pub","b.pub"],false,6,false]');
    const last = await run([...named, "--max-workers=7", "--key", "c"], files, { WAYBILL_MAX_WORKERS: "6" });
    expect(last.out).toBe('[["c"],false,7,false]');
  });

  it("is found through WAYBILL_CONFIG, and --config wins", async () => {
    const files = { "w.yaml": GOOD, "v.yaml": "max-workers: 3\n" };
    expect((await run(["verify"], files, { WAYBILL_CONFIG: "w.yaml" })).out).toContain(",5,");
    expect((await run(["--config", "v.yaml", "verify"], files, { WAYBILL_CONFIG: "w.yaml" })).out).toContain(",3,");
    expect((await run(["verify", "--config=none"], files, { WAYBILL_CONFIG: "w.yaml" })).out).toContain(",1,");
  });

  it("says of one command more than of all", async () => {
    const text = "max-workers: 5\ncommands: { verify: { max-workers: 4 } }\n";
    expect((await run(["verify", "--config", "w.yaml"], { "w.yaml": text })).out).toContain(",4,");
  });

  it("sets global flags too", async () => {
    const { err } = await run(["verify", "--config", "w.yaml"], { "w.yaml": "timeout: soon\n" });
    expect(err).toContain('error: CONFIG_INVALID w.yaml:1: timeout: "soon" is not a duration');
  });

  it("may be empty, or all comments", async () => {
    for (const text of ["", "# nothing\n", "---\n", "commands: {}\n"]) {
      expect((await run(["verify", "--config", "w.yaml"], { "w.yaml": text })).code).toBe(0);
    }
  });

  it("keeps the digits of a number", async () => {
    const text = "listen: 1.10\n";
    expect((await run(["serve", "--config", "w.yaml"], { "w.yaml": text })).out).toBe("1.10");
  });

  it("that is named must be there, and is not stdin", async () => {
    expect(await run(["verify", "--config", "w.yaml"], {})).toMatchObject({ code: 2, out: "" });
    expect(await run(["verify", "--config", "-"], {})).toMatchObject({ code: 2, out: "", asked: [] });
  });
});

describe("a waybill.yaml in the working directory", () => {
  const hostile = "allow-insecure-registry: true\ncheck-claims: false\nkey: [evil.pub]\n";

  it("says nothing to a command that verifies, which does not even look", async () => {
    const { out, asked } = await run(["verify"], { "waybill.yaml": hostile });
    expect(out).toBe("[[],true,1,false]");
    expect(asked).toEqual([]);
  });

  it("is read by a command that asks for it, unless another is named", async () => {
    const files = { "waybill.yaml": "listen: found\n", "w.yaml": "listen: named\n" };
    expect((await run(["serve"], files)).out).toBe("found");
    expect((await run(["serve", "--config", "w.yaml"], files)).out).toBe("named");
    expect((await run(["serve", "--config", "none"], files)).out).toBe("x");
    expect((await run(["serve"], {})).out).toBe("x");
  });

  it("must be valid where it is read", async () => {
    expect(await run(["serve"], { "waybill.yaml": "lisen: found\n" })).toMatchObject({ code: 2, out: "" });
  });
});

describe("a mistake in a settings file", () => {
  it.each([
    ["max-worker: 5\n", 'w.yaml:1: "max-worker" is not a setting of any command\nhint: Did you mean max-workers?'],
    ["\nmaxWorkers: 5\n", 'w.yaml:2: "maxWorkers" is not a setting of any command\nhint: Did you mean max-workers?'],
    ["commands:\n  verfy: {}\n", 'w.yaml:2: there is no command "verfy"\nhint: Did you mean verify?'],
    [
      "commands:\n  serve:\n    key: x\n",
      'w.yaml:3: "key" is not a setting of waybill serve\nhint: Correct the named setting',
    ],
    ["config: other.yaml\n", "w.yaml:1: a settings file cannot name another"],
    ["max-workers: 10\n", 'w.yaml:1: max-workers: "10" is not a whole number from 1 to 9'],
    ["max-workers: [1]\n", "w.yaml:1: max-workers takes one value, not a list"],
    ["max-workers: true\n", "w.yaml:1: max-workers is a text; write it in quotes"],
    ['check-claims: "false"\n', "w.yaml:1: check-claims must be true or false"],
    ["key: [true]\n", "w.yaml:1: key lists true or false"],
    ["key: [[a]]\n", "w.yaml:1: key holds a list or a mapping within a list"],
    ["key: {a: b}\n", "w.yaml:1: key is a mapping"],
    ["key:\n", "w.yaml:1: key has no value"],
    ["- key\n", "w.yaml:1: the settings must be a mapping"],
    ["commands: [verify]\n", "w.yaml:1: commands must be a mapping"],
    ["1: x\n", "w.yaml:1: the settings: a name is not text"],
    ["key: a\nkey: b\n", "w.yaml:2: not valid YAML (DUPLICATE_KEY)"],
    ["key: [a\n", "w.yaml:2: not valid YAML"],
    ["key: a\n---\nkey: b\n", "not valid YAML (MULTIPLE_DOCS)"],
    ["key: &a x\n", "w.yaml:1: tags and anchors are not allowed"],
    ["key: *a\n", "w.yaml:1: key is an alias"],
    ["key: !!binary eA==\n", "w.yaml:1: "],
    [`key: ${"[".repeat(50_000)}\n`, "w.yaml"],
    [`key: "${"x".repeat(256 * 1024)}"\n`, "w.yaml: has more than 262144 bytes"],
  ])("is told with its line: %j", async (text, told) => {
    expect(await complaint(text)).toContain(told);
  });

  it.each(["registry-password", "registry-token"])("is a secret such as %s, which is not repeated", async (name) => {
    const told = await complaint(`quiet: true\n${name}: hunter2\n`);
    expect(told).toContain(`w.yaml:2: ${name} is a secret, which no settings file may hold`);
    expect(told).toContain(`WAYBILL_${name.replace("-", "_").toUpperCase()}`);
    expect(told).not.toContain("hunter2");
    expect(await complaint(`commands: { verify: { ${name}: hunter2 } }\n`)).not.toContain("hunter2");
    expect(await complaint(`${name}: "hunter2\n`)).not.toContain("hunter2");
  });

  it("is bytes that are no text", async () => {
    const deps = { readInput: async () => new Uint8Array([0xff, 0xfe]) };
    const world = { commands, deps, ctx: testCtx() };
    const sources = { written: { config: "w.yaml" }, env: {} };
    expect(await codeOfPromise(readSettings(world, { name: "verify", command: verify }, sources))).toBe(
      "CONFIG_INVALID",
    );
  });

  it("never crashes the reader", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("key: ", "commands:", "  verify:", "- ", "&a ", "*a", "? ", "!!set "),
    );
    const outcome = (text: string): string => {
      try {
        parseSettings(Buffer.from(text), "w.yaml");
        return "w.yaml";
      } catch (error) {
        if (hasCode(error, "CONFIG_INVALID")) return error.message;
        throw error;
      }
    };
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        expect(outcome(lines.join("\n"))).toMatch(/^w\.yaml/);
      }),
    );
  });
});
