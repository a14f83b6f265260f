import { defineConfig } from "vitest/config";
import { testReporters } from "./test/testReporters.ts";
import { slow } from "./vitest.config.ts";

// `vitest -u` reaches the workers only through the environment.
const update = process.argv.includes("-u") || process.argv.includes("--update");

/** Tests of the built program, for which `npm run build` comes first, of the readers on third-party images and papers, of the oracle, and what else is slow. */
export default defineConfig({
  test: {
    ...testReporters("scenario"),
    include: ["test/{scenario,vectors,oracle}/**/*.test.ts", ...slow],
    env: update ? { UPDATE_SCENARIOS: "1" } : {},
    setupFiles: ["./test/propertySeed.ts"],
    maxWorkers: 2,
    maxConcurrency: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
