import { describe, expect, it } from "vitest";
import { listSharedLibraries, loadedObjects, parseLdd } from "#host/listSharedLibraries.ts";
import type { Ctx } from "#core/ctx.ts";

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};

describe("parseLdd", () => {
  it("reads glibc's lines, without the vDSO and what was not found", () => {
    const text = [
      "\tlinux-vdso.so.1 (0x00007fde91123000)",
      "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fde9102d000)",
      "\tlibgone.so.1 => not found",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007fde91125000)",
    ].join("\n");
    expect(parseLdd(text)).toEqual(["/lib/x86_64-linux-gnu/libm.so.6", "/lib64/ld-linux-x86-64.so.2"]);
  });

  it("reads musl's lines, where loader and C library are one file", () => {
    const text = [
      "\t/lib/ld-musl-x86_64.so.1 (0x7f7c8a9f4000)",
      "\tlibstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x7f7c8a600000)",
      "\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f7c8a9f4000)",
    ].join("\n");
    expect(parseLdd(text)).toEqual(["/lib/ld-musl-x86_64.so.1", "/usr/lib/libstdc++.so.6"]);
  });

  it("reads nothing out of a static program's answer", () => {
    expect(parseLdd("\tnot a dynamic executable\n")).toEqual([]);
  });
});

describe("listSharedLibraries", () => {
  it("agrees with what the process itself has loaded", async () => {
    // Loaded objects may be more: native parts of the test runner.
    const loaded = loadedObjects();
    const listed = await listSharedLibraries(ctx);
    expect(loaded).toEqual(expect.arrayContaining([...listed]));
    expect(listed.length > 0).toBe(process.platform === "linux");
  });
});
