import { defineConfig } from "vitest/config";
import { testReporters } from "./test/testReporters.ts";

/** Readers of strangers' bytes on inputs changed at random, WAYBILL_FUZZ_SECONDS in all: see test/fuzz/README.md. */
export default defineConfig({
  test: {
    ...testReporters("fuzz"),
    include: ["test/fuzz/*.fuzz.ts"],
    setupFiles: ["./test/propertySeed.ts"],
    // Threads of their own do the work, two at once.
    maxWorkers: 1,
    maxConcurrency: 2,
    testTimeout: 60_000,
  },
});
