import { defineConfig } from "vitest/config";
import { testReporters } from "./test/testReporters.ts";

/** The built program against real registries and real cosign: run `npm run build` and `scripts/interop-tools.sh` first. */
export default defineConfig({
  test: {
    ...testReporters("interop"),
    include: ["test/interop/**/*.interop.ts"],
    setupFiles: ["./test/propertySeed.ts"],
    maxWorkers: 2,
    maxConcurrency: 2,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
