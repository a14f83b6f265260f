import { describe, expect, it } from "vitest";
import type { FuzzOutcome } from "./fuzzMessage.ts";
import { FUZZ_LIMITS, runTarget } from "./runTarget.ts";

// What watches the readers sees readers that are broken (broken/), and names the input.

const watch = (name: string, deadline = 20_000): Promise<FuzzOutcome> => {
  const target = new URL(`broken/${name}.ts`, import.meta.url).href;
  const limits = { ...FUZZ_LIMITS, deadline, maxHeapMiB: 64 };
  return runTarget({ target, seed: 1, milliseconds: 2000, regressions: [Uint8Array.of(0, 0, 0)] }, limits);
};

describe("the harness", () => {
  it("ends a reader that hangs", async () => {
    const outcome = await watch("hangs", 1000);
    expect(outcome).toMatchObject({ kind: "failed", reason: "no end after 1 seconds", input: Uint8Array.of(1, 7) });
  });

  it("reports an error that is no refusal, with a smaller input, the same for the same seed", async () => {
    const outcome = await watch("throws");
    expect(outcome).toMatchObject({ kind: "failed", reason: expect.stringContaining("TypeError: cannot read") });
    expect(outcome).toMatchObject({ input: Uint8Array.of(0x21) });
    expect(await watch("throws")).toEqual(outcome);
  });

  it("sees memory that one input takes", async () => {
    const outcome = await watch("swells");
    expect(outcome).toMatchObject({ kind: "failed", input: Uint8Array.of(255, 255, 255) });
    expect(outcome).toMatchObject({ reason: expect.stringContaining("1024 MiB more memory") });
  });

  it("survives a reader that fills the heap", async () => {
    const outcome = await watch("runsOut");
    expect(outcome).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("memory"),
      input: Uint8Array.of(3),
    });
  });
});
