import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { askHidden, readPassword } from "#host/password.ts";
import type { PasswordDeps } from "#host/password.ts";

const contextOf = (signal: AbortSignal): Ctx => ({
  signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
});
const ctx = contextOf(new AbortController().signal);

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly terminal?: boolean;
}

const open = (world: World = {}) => {
  const input = new PassThrough();
  const seen: string[] = [];
  const raw: boolean[] = [];
  const terminal = { isTTY: true, setRawMode: (on: boolean) => raw.push(on) };
  const deps: PasswordDeps = {
    readEnv: (name) => world.env?.[name],
    readFile: async (_ctx, path) => Buffer.from(path),
    input: world.terminal === true ? Object.assign(input, terminal) : input,
    output: { write: (text) => seen.push(text) },
    file: world.file,
  };
  const read = async (purpose: "open" | "new" = "open"): Promise<string> =>
    Buffer.from(await readPassword(ctx, purpose, deps)).toString();
  return { deps, input, seen, raw, read };
};

describe("where a password comes from", () => {
  const env = { WAYBILL_PASSWORD: "ours", COSIGN_PASSWORD: "theirs" };

  it.each([
    ["the file first", { file: "from file\n", env }, "from file"],
    ["a file of Windows", { file: "from file\r\n" }, "from file"],
    ["a file without a line break", { file: " two words " }, " two words "],
    ["a file with an empty last line", { file: "x\n\n" }, "x\n"],
    ["an empty file", { file: "\n" }, ""],
    ["our variable", { env }, "ours"],
    ["cosign's variable", { env: { COSIGN_PASSWORD: "thèirs" } }, "thèirs"],
    ["a variable that is empty", { env: { COSIGN_PASSWORD: "" } }, ""],
  ])("%s", async (_name, world, want) => {
    expect(await open(world).read()).toBe(want);
  });

  it("one line of stdin, whose rest is left", async () => {
    const { input, read, seen } = open();
    input.write("pass");
    input.write("word\r\nREF");
    expect(await read("new")).toBe("password");
    expect(String(input.read())).toBe("REF");
    expect(seen).toEqual([]);
  });

  it("the last line of stdin without its line break", async () => {
    const { input, read } = open();
    input.end("pw");
    expect(await read()).toBe("pw");
  });

  it("an empty line is an empty password, the end of stdin is none", async () => {
    const { input, read } = open();
    input.end("\n");
    expect(await read()).toBe("");
    await expect(read()).rejects.toMatchObject({ code: "KEY_UNREADABLE" });
    await expect(read()).rejects.toMatchObject({ code: "KEY_UNREADABLE" });
  });

  it("an endless line is refused", async () => {
    const { input, read } = open();
    input.write("x".repeat(5000));
    await expect(read()).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("a password typed at a terminal", () => {
  it("is not shown, and the terminal is as before", async () => {
    const { input, read, seen, raw } = open({ terminal: true });
    input.write("secret\r");
    expect(await read()).toBe("secret");
    expect(seen.join("")).toBe("Enter password for private key: \n");
    expect(raw).toEqual([true, false]);
  });

  it("of a new key is typed twice, even pasted in one go", async () => {
    const { input, read, seen } = open({ terminal: true });
    input.write("secret\rsecret\r");
    expect(await read("new")).toBe("secret");
    expect(seen.join("")).toBe("Enter password for private key: \nEnter password for private key again: \n");
  });

  it("of a new key must be the same twice", async () => {
    const { input, read } = open({ terminal: true });
    input.write("secret\rSecret\r");
    await expect(read("new")).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("can be corrected while typing", async () => {
    const { input, read } = open({ terminal: true });
    input.write("wrong\x15s\u00e8\x7f\x7f\x7f\x08pass\u00e8\x7f\u00e9\x1b\r");
    expect(await read()).toBe("passé");
  });

  it("ends with Ctrl-D, is given up with Ctrl-C", async () => {
    const typed = open({ terminal: true });
    typed.input.write("pw\x04");
    expect(await typed.read()).toBe("pw");
    const nothing = open({ terminal: true });
    nothing.input.write("\x04");
    await expect(nothing.read()).rejects.toMatchObject({ code: "KEY_UNREADABLE" });
    const given = open({ terminal: true });
    given.input.write("pw\x03");
    await expect(given.read()).rejects.toMatchObject({ code: "ABORTED" });
    expect(given.raw).toEqual([true, false]);
  });

  it("is no longer waited for after an abort", async () => {
    const { deps, input, raw } = open({ terminal: true });
    const abort = new AbortController();
    const pending = readPassword(contextOf(abort.signal), "open", deps);
    abort.abort();
    await expect(pending).rejects.toMatchObject({ name: "AbortError" });
    expect(raw).toEqual([true, false]);
    expect(input.listenerCount("data")).toBe(0);
    await expect(readPassword(contextOf(abort.signal), "open", deps)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a secret that is asked for", () => {
  it("is typed without echo, and heeds no variable", async () => {
    const { deps, input, seen, raw } = open({ terminal: true, env: { COSIGN_PASSWORD: "another's" } });
    const asked = askHidden(ctx, "Password: ", deps);
    input.write("s3crét\r");
    expect(Buffer.from((await asked) ?? "").toString()).toBe("s3crét");
    expect(seen).toEqual(["Password: ", "\n"]);
    expect(raw).toEqual([true, false]);
  });

  it("is none without a terminal, and where nothing is typed", async () => {
    const piped = open();
    piped.input.end("s3cret\n");
    expect(await askHidden(ctx, "Password: ", piped.deps)).toBeUndefined();
    expect(piped.seen).toEqual([]);
    const { deps, input } = open({ terminal: true });
    input.end();
    expect(await askHidden(ctx, "Password: ", deps)).toBeUndefined();
  });

  it("ends with an interruption", async () => {
    const { deps, input, raw } = open({ terminal: true });
    const asked = askHidden(ctx, "Password: ", deps);
    input.write("s3c\u0003");
    await expect(asked).rejects.toMatchObject({ code: "ABORTED" });
    expect(raw).toEqual([true, false]);
  });
});
