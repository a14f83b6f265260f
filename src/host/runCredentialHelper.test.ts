import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCredentialHelper } from "#host/runCredentialHelper.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
const path = process.env["PATH"] ?? "";
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "helper-"));
  process.env["PATH"] = root + delimiter + path;
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(root, { recursive: true });
});

const install = (name: string, script: string): void => {
  const file = join(root, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
};

describe("runCredentialHelper", () => {
  it("gives the host on stdin and the verb as the only argument", async () => {
    install("ok", `echo "$#:$1:$(cat)"; echo noise >&2; exit 3`);
    const { exit, stdout } = await runCredentialHelper(ctx, "ok", "get", "host.test");
    expect([exit, Buffer.from(stdout).toString()]).toEqual([3, "1:get:host.test\n"]);
  });

  it("uses no shell", async () => {
    install("ok", `cat > ${join(root, "got")}`);
    await runCredentialHelper(ctx, "ok", "store", "$(touch x); \"'");
    expect(readFileSync(join(root, "got"), "utf8")).toBe("$(touch x); \"'");
  });

  it("takes one that does not read for one that ended", async () => {
    install("deaf", "exit 0");
    expect((await runCredentialHelper(ctx, "deaf", "store", "x".repeat(1_000_000))).exit).toBe(0);
  });

  it("says that one is not there, cannot be started, prints too much", async () => {
    await expect(runCredentialHelper(ctx, "absent", "get", "h")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: "docker-credential-absent is not on the PATH",
    });
    install("flat", "");
    chmodSync(join(root, "docker-credential-flat"), 0o644);
    expect(await codeOfPromise(runCredentialHelper(ctx, "flat", "get", "h"))).toBe("CONFIG_INVALID");
    install("chatty", "exec yes hunter2");
    const chatty = runCredentialHelper(ctx, "chatty", "get", "h", { deadlineMs: 10_000, maxBytes: 1000 });
    await expect(chatty).rejects.toMatchObject({ message: "docker-credential-chatty printed more than 1000 bytes" });
  });

  it("does not wait for one that hangs, nor for what it left running", async () => {
    install("slow", "sleep 30 & sleep 30");
    const from = performance.now();
    const slow = runCredentialHelper(ctx, "slow", "get", "h", { deadlineMs: 200, maxBytes: 1000 });
    await expect(slow).rejects.toMatchObject({ message: "docker-credential-slow did not end within 0.2 s" });
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it("ends with the run", async () => {
    install("slow", "sleep 30");
    const stop = new AbortController();
    const running = runCredentialHelper(testCtx({ signal: stop.signal }), "slow", "get", "h");
    const reason = new Error("stopped");
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
