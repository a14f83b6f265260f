import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { takeFileLock, withFileLock } from "#registry/layout/fileLock.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-lock-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("a file lock", () => {
  it("is had by one at a time, in one process too", async () => {
    const path = join(root, "one");
    const release = await takeFileLock(path);
    expect(release).toBeDefined();
    expect(await takeFileLock(path)).toBe(undefined);
    release?.();
    (await takeFileLock(path))?.();
    expect([statSync(path).size, readdirSync(root)]).toEqual([0, ["one"]]);
  });

  it("lets waiters in one after the other, also after one that failed", async () => {
    const path = join(root, "many");
    let inside = 0;
    let most = 0;
    const task = async (at: number): Promise<number> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside--;
      if (at === 3) throw new TypeError("failed inside");
      return at;
    };
    const ended = await Promise.allSettled(
      [0, 1, 2, 3, 4, 5].map((at) =>
        withFileLock(
          path,
          () => {},
          () => task(at),
        ),
      ),
    );
    expect(most).toBe(1);
    expect(ended.map((one) => one.status === "fulfilled")).toEqual([true, true, true, false, true, true]);
  });

  it("is not waited for when nobody wants the task done any more", async () => {
    const path = join(root, "abandoned");
    const release = await takeFileLock(path);
    const controller = new AbortController();
    let done = false;
    const waiting = withFileLock(
      path,
      () => controller.signal.throwIfAborted(),
      async () => {
        done = true;
      },
    );
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    release?.();
    expect(done).toBe(false);
  });

  it("is let go by a process that is killed", async () => {
    const path = join(root, "killed");
    const source = join(process.cwd(), "src/registry/layout/fileLock.ts");
    const program = `
      const { takeFileLock } = await import(${JSON.stringify(source)});
      if (await takeFileLock(${JSON.stringify(path)})) process.kill(process.pid, "SIGKILL");`;
    expect(() => execFileSync(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" })).toThrow(
      /failed/,
    );
    expect(await takeFileLock(path)).toBeDefined();
    expect(readdirSync(root).filter((name) => name.startsWith("killed"))).toEqual(["killed"]);
  });

  it("touches no file but its own empty one", async () => {
    writeFileSync(join(root, "other"), "something");
    symlinkSync(join(root, "target"), join(root, "link"));
    for (const name of ["other", "link", "absent/lock"])
      await expect(takeFileLock(join(root, name))).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(readdirSync(root)).not.toContain("target");
  });
});
