import { describe, expect, it } from "vitest";
import { defineCommand } from "#cli/command.ts";
import type { AnyCommand } from "#cli/command.ts";
import { runCommandLine } from "#cli/commandLine.ts";
import { COMMANDS } from "#cli/commands.ts";
import type { CommandEntry } from "#cli/commands.ts";
import type { Deps } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { WaybillError } from "#core/errors.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { memoryTerminal } from "../../test/fakes/memoryTerminal.ts";

// All that the commands of these tests use.
const deps = { program: { version: "1.2.3", node: "24.15.0", platform: "linux-x64" } } as Partial<Deps> as Deps;

const entry = (name: string, command: AnyCommand): CommandEntry => ({
  name,
  group: "Papers",
  summary: `try ${name}`,
  load: async () => ({ command }),
});

/** Prints what it was given, as JSON. */
const echo = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  flags: {
    ...registryFlags,
    checkClaims: flag.toggle({ default: true, summary: "check the claims" }),
    tlogUpload: flag.toggle({ summary: "upload" }),
    annotations: flag.list({ short: "a", value: "K=V", separator: ",", summary: "annotations" }),
    predicate: flag.text({ value: "FILE", summary: "the predicate" }),
    storage: flag.choice(["both", "bundle", "legacy"], { default: "both", summary: "forms" }),
    maxWorkers: flag.count({ value: "N", min: 1, max: 64, default: 10, summary: "workers" }),
    settle: flag.duration({ value: "DURATION", default: "500ms", summary: "settle" }),
    recordCreationTimestamp: flag.ignored({ summary: "creation times are never recorded" }),
  },
  examples: [["waybill echo a", "say a"]],
  run: async ({ io, args, flags }) => {
    const set = Object.entries(flags).filter(([name]) => !name.startsWith("registry") && !name.startsWith("allow"));
    await io.print(`${JSON.stringify({ args, ...Object.fromEntries(set) })}\n`);
    return 0;
  },
});

const noisy = defineCommand({
  positionals: [],
  flags: { key: flag.text({ value: "KEY", summary: "the key" }) },
  examples: [["waybill noisy", "make noise"]],
  run: async ({ io, ctx }) => {
    ctx.emit({ kind: "step.started", step: "sbom", subject: "app:1" });
    ctx.emit({ kind: "step.finished", step: "sbom", subject: "app:1", note: "12 packages" });
    ctx.emit({ kind: "warning", message: "old base" });
    ctx.log("info", "token reused", { host: "r.example" });
    io.note("a note");
    io.refuse("Error: no matching signatures\u001b[2J");
    return 1;
  },
});

const failing = (error: unknown): AnyCommand =>
  defineCommand({
    positionals: [],
    flags: {},
    examples: [["waybill fail", "fail"]],
    run: async () => {
      throw error;
    },
  });

/** Waits for its signal, as every adapter does. */
const waiting = (timeout: string): AnyCommand =>
  defineCommand({
    positionals: [],
    flags: {},
    examples: [["waybill wait", "wait"]],
    timeout,
    run: ({ ctx }) =>
      new Promise((_, reject) => {
        ctx.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      }),
  });

const run = async (
  argv: readonly string[],
  extra: Parameters<typeof memoryTerminal>[0] & { command?: AnyCommand; commands?: readonly CommandEntry[] } = {},
) => {
  const terminal = memoryTerminal(extra);
  const commands = extra.commands ?? [
    ...COMMANDS.filter(({ name }) => name === "version"),
    entry("echo", echo),
    entry("noisy", noisy),
    entry("registry serve", echo),
    entry("registry gc", echo),
    entry("fail", extra.command ?? failing(new WaybillError("NOT_FOUND", "nothing there"))),
  ];
  const interrupted = new AbortController().signal;
  const world = { terminal, clock: manualClock(), interrupted, commands, deps };
  const code = await runCommandLine(world, argv);
  return { code, out: terminal.out(), err: terminal.err() };
};

const echoed = async (...argv: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, out, err } = await run(["echo", ...argv]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
};

describe("flags", () => {
  it("have defaults", async () => {
    expect(await echoed("a", "b")).toEqual({
      args: ["a", "b"],
      checkClaims: true,
      k8sKeychain: true,
      annotations: [],
      storage: "both",
      maxWorkers: 10,
      settle: 500,
    });
  });

  it("are written as Go programs have them", async () => {
    const words = [
      "--check-claims=false",
      "-a=x=1,y=2",
      "--annotations",
      "z=3",
      "img",
      "--tlog-upload=true",
      "--settle=1m30s",
    ];
    expect(await echoed(...words)).toMatchObject({
      args: ["img"],
      checkClaims: false,
      tlogUpload: true,
      annotations: ["x=1", "y=2", "z=3"],
      settle: 90_000,
    });
  });

  it("tell a switch that is off from one that was not given", async () => {
    expect(await echoed("img")).not.toHaveProperty("tlogUpload");
    expect(await echoed("img", "--tlog-upload=F")).toHaveProperty("tlogUpload", false);
  });

  it("never take the next word as the value of a switch, but always as that of another", async () => {
    expect(await echoed("--check-claims", "false")).toMatchObject({ args: ["false"], checkClaims: true });
    expect(await echoed("--predicate", "--check-claims=false", "img")).toMatchObject({
      predicate: "--check-claims=false",
      checkClaims: true,
    });
  });

  it("end at two dashes", async () => {
    expect(await echoed("--", "--check-claims=false", "-x")).toMatchObject({
      args: ["--check-claims=false", "-x"],
      checkClaims: true,
    });
  });

  it("may stand before the command where they are global", async () => {
    expect((await run(["--quiet", "--timeout", "5s", "echo", "img"])).code).toBe(0);
  });

  it("fall back to the environment, ours before cosign's", async () => {
    const env = {
      COSIGN_STORAGE: "legacy",
      WAYBILL_STORAGE: "bundle",
      COSIGN_MAX_WORKERS: "3",
      WAYBILL_CHECK_CLAIMS: "",
    };
    const { out } = await run(["echo", "img", "--max-workers", "4"], { env });
    expect(JSON.parse(out)).toMatchObject({ storage: "bundle", maxWorkers: 4, checkClaims: true });
  });

  it.each([
    [["echo", "x", "--storage", "tar"], `--storage: "tar" is not one of both, bundle, legacy`],
    [["echo", "x", "--max-workers", "0"], `--max-workers: "0" is not a whole number from 1 to 64`],
    [["echo", "x", "--settle", "5"], `--settle: "5" is not a duration`],
    [["echo", "x", "--check-claims=maybe"], `--check-claims: "maybe" is not true or false`],
    [["echo", "x", "--timeout", "soon"], `--timeout: "soon" is not a duration`],
    [["echo"], "missing required argument 'REF'"],
    [["version", "x"], "too many arguments"],
    [["echo", "x", "--predicate"], "argument missing"],
    [["registry"], "registry needs one more word: serve, gc"],
    [["--quiet"], "a command must follow"],
  ])("refuse %j", async (argv, message) => {
    const { code, out, err } = await run(argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("error: USAGE_INVALID ");
    expect(err).toContain(message);
  });

  it("name the variable that is wrong", async () => {
    const { code, err } = await run(["echo", "x"], { env: { COSIGN_STORAGE: "tar" } });
    expect([code, err.split("\n")[0]]).toEqual([
      2,
      `error: USAGE_INVALID COSIGN_STORAGE: "tar" is not one of both, bundle, legacy`,
    ]);
  });

  it("of cosign's that have no effect give a warning", async () => {
    const { code, err } = await run(["echo", "x", "--record-creation-timestamp"]);
    expect(code).toBe(0);
    expect(err).toBe("warning: --record-creation-timestamp has no effect here: creation times are never recorded\n");
  });
});

describe("mistyped words", () => {
  it.each([
    [["ehco"], "hint: Did you mean waybill echo?"],
    [["registry", "serv"], "hint: Did you mean waybill registry serve?"],
    [["echo", "x", "--storag", "both"], "hint: Did you mean --storage? See waybill echo --help."],
    [["xyzzy"], "hint: See waybill --help."],
  ])("%j", async (argv, hint) => {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err.split("\n")[1]).toBe(hint);
  });
});

describe("help", () => {
  it.each([[[]], [["help"]], [["--help"]], [["-h"]]])("shows all commands for %j", async (argv) => {
    const { code, out, err } = await run(argv);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("  version         say which version this is");
    expect(out).toContain("  registry serve  try registry serve");
  });

  it("shows a group's commands", async () => {
    const { out } = await run(["help", "registry"]);
    expect(out).toContain("registry gc");
    expect(out).not.toContain("version");
  });

  it.each([[["echo", "--help"]], [["help", "echo"]], [["echo", "--bad", "-h"]]])(
    "shows a command's flags for %j",
    async (argv) => {
      const { code, out, err } = await run(argv);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("Usage: waybill echo [flags] <REF...>");
      expect(out).toContain("--check-claims");
      expect(out).toContain("(default true)");
      expect(out).toContain("Registry:\n  --registry-username <NAME>");
      expect(out).toContain("Examples:\n  # say a\n  waybill echo a\n");
      expect(out).not.toContain("--no-check-claims");
      expect(out).not.toContain("--record-creation-timestamp");
    },
  );
});

describe("stdin", () => {
  it("gives the arguments for -", async () => {
    const { out } = await run(["echo", "a", "-", "b"], { stdin: "x\n\n  y\r\n" });
    expect(JSON.parse(out)).toMatchObject({ args: ["a", "x", "y", "b"] });
  });

  it("must not be empty then", async () => {
    expect((await run(["echo", "-"], { stdin: "\n" })).code).toBe(2);
  });
});

describe("stderr", () => {
  it("carries progress, notes, warnings and refusals as lines, made harmless", async () => {
    const { code, out, err } = await run(["noisy", "--key", "k"]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      "sbom: app:1\nsbom: done, 12 packages\nwarning: old base\na note\nError: no matching signatures\\u{1b}[2J\n",
    );
  });

  it("carries only the refusal with --quiet", async () => {
    const { err } = await run(["noisy", "--key", "k", "--quiet"]);
    expect(err).toBe("Error: no matching signatures\\u{1b}[2J\n");
  });

  it("carries the log too with --verbose, and no progress with --progress none", async () => {
    const { err } = await run(["noisy", "--key", "k", "--verbose", "--progress", "none"]);
    expect(err).toContain("info: token reused host=r.example\n");
    expect(err).not.toContain("sbom");
  });

  it("is JSON lines with --progress json", async () => {
    const { err } = await run(["noisy", "--key", "k", "--progress=json"]);
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string });
    expect(lines.map(({ kind }) => kind)).toEqual(["step.started", "step.finished", "warning", "note", "refusal"]);
  });

  it("is coloured on a terminal, unless NO_COLOR says otherwise", async () => {
    const coloured = await run(["fail"], { isTerminal: true });
    expect(coloured.err).toContain("\u001b[31merror:\u001b[39m NOT_FOUND nothing there");
    const plain = await run(["fail"], { isTerminal: true, env: { NO_COLOR: "1" } });
    expect(plain.err).toContain("error: NOT_FOUND nothing there");
  });
});

describe("failures", () => {
  it("end with the code of their kind", async () => {
    const { code, err } = await run(["fail"]);
    expect([code, err]).toEqual([
      4,
      "error: NOT_FOUND nothing there\nhint: Check the name; the registry answered 404.\n",
    ]);
  });

  it("cannot forge lines", async () => {
    const command = failing(new WaybillError("REGISTRY_REFUSED", "it said: no\nhint: run curl | sh\u0085"));
    expect((await run(["fail"], { command })).err.split("\n").slice(0, 3)).toEqual([
      "error: REGISTRY_REFUSED it said: no",
      "  hint: run curl | sh\\u{85}",
      "hint: See the registry's own words in the message.",
    ]);
  });

  it("show their causes with --verbose only", async () => {
    const cause = new Error("connect ECONNREFUSED", { cause: { password: "s3cret" } });
    const command = failing(new WaybillError("NETWORK_FAILED", "no connection", { cause }));
    expect((await run(["fail"], { command })).err).not.toContain("cause:");
    const { err } = await run(["fail", "--verbose"], { command });
    expect(err).toContain("cause: Error: connect ECONNREFUSED\ncause: a thrown object\n");
    expect(err).not.toContain("s3cret");
  });

  it("of the program itself end with 70 and are JSON where progress is", async () => {
    const { code, err } = await run(["fail", "--progress", "json"], {
      command: failing(new TypeError("x is not a function")),
    });
    expect([code, JSON.parse(err)]).toMatchObject([70, { kind: "error", code: "INTERNAL", exit: 70 }]);
  });
});

describe("ending early", () => {
  const start = (argv: readonly string[], command: AnyCommand, stdin: string | Promise<string> = "") => {
    const terminal = memoryTerminal({ stdin });
    const clock = manualClock();
    const stop = new AbortController();
    const world = { terminal, clock, interrupted: stop.signal, commands: [entry("wait", command)], deps };
    return { terminal, clock, stop, ended: runCommandLine(world, argv) };
  };
  // The command has loaded and begun to wait after a few turns of the loop.
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("gives 130 on interruption", async () => {
    const { stop, ended, terminal } = start(["wait"], waiting("0"));
    await settle();
    stop.abort(new WaybillError("ABORTED", "interrupted by SIGINT"));
    expect(await ended).toBe(130);
    expect(terminal.err()).toContain("error: ABORTED interrupted by SIGINT\n");
  });

  it("does not wait for stdin", async () => {
    const { stop, ended } = start(["wait", "-"], echo, new Promise(() => undefined));
    await settle();
    stop.abort(new WaybillError("ABORTED", "interrupted by SIGINT"));
    expect(await ended).toBe(130);
  });

  it("gives 6 when the time is up", async () => {
    const { clock, ended, terminal } = start(["wait", "--timeout", "90s"], waiting("3m"));
    await settle();
    clock.advance(89_999);
    await settle();
    expect(terminal.err()).toBe("");
    clock.advance(1);
    expect(await ended).toBe(6);
    expect(terminal.err()).toContain("error: NETWORK_TIMEOUT not done after 90 s\n");
  });

  it("does not wait for ever for a command that ignores its signal", async () => {
    const deaf = defineCommand({
      positionals: [],
      flags: {},
      examples: [["waybill wait", "wait"]],
      run: () => new Promise(() => undefined),
    });
    const { clock, stop, ended } = start(["wait"], deaf);
    await settle();
    stop.abort(new WaybillError("ABORTED", "interrupted"));
    clock.advance(5000);
    expect(await ended).toBe(130);
  });
});

it("every command of the table loads and can show its help", async () => {
  for (const { name } of COMMANDS) {
    const { code, out, err } = await run([...name.split(" "), "--help"], { commands: COMMANDS });
    expect([name, code, err]).toEqual([name, 0, ""]);
    expect(out).toContain("Examples:\n");
  }
});
