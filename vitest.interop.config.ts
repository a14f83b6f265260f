import { defineConfig } from "vitest/config";

/** The built program against real registries and real cosign: run `npm run build` and `scripts/interop-tools.sh` first. */
export default defineConfig({
  test: {
    include: ["test/interop/**/*.interop.ts"],
    maxWorkers: 2,
    maxConcurrency: 2,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
