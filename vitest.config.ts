import { defineConfig } from "vitest/config";
import { testReporters } from "./test/testReporters.ts";

/** Tests that start processes or whole services, or read whole installations: `npm test` runs them beside the scenarios. */
export const slow = [
  "src/app/findManifestImages.test.ts",
  "src/devsigstore/*.test.ts",
  "src/host/quickstartFiles.test.ts",
  "src/keys/{encryptedKey,openSigner}.test.ts",
  "src/main/controlPlaneMetrics.test.ts",
  "src/net/{connector,transport}.test.ts",
  "src/registry/client/{authority,faults,quirks,referrers,registryClient,session,uploadBlob}.test.ts",
  "src/registry/server/serveUpload.test.ts",
  "src/sigstore/tuf/{openTufRepository,refreshTuf,secondOpinion}.test.ts",
  "test/contract/{archive,archiveProcesses,layoutProcesses,registryClient,sqliteStore}.test.ts",
  "test/launcher.test.ts",
];
const pure = ["src/{core,archive,ledger,claims,trust,vuln,policy,sbom}/**/*.test.ts"];

// Properties over hundreds of documents take seconds on a busy machine.
const testTimeout = 20_000;
const setupFiles = ["./test/propertySeed.ts"];

// The second project is a catch-all, so that a test in a new folder cannot silently never run.
export default defineConfig({
  test: {
    ...testReporters("unit"),
    // By default a core is left free, which on two cores halves the speed.
    maxWorkers: "100%",
    projects: [
      { test: { name: "pure", include: pure, isolate: false, testTimeout, setupFiles } },
      {
        test: {
          name: "rest",
          // No test replaces modules, and a hundred fresh processes take longer than the tests.
          isolate: false,
          testTimeout,
          setupFiles,
          include: ["src/**/*.test.ts", "web/src/**/*.test.ts", "test/contract/**/*.test.ts", "test/*.test.ts"],
          exclude: [...pure, ...slow],
        },
      },
    ],
  },
});
