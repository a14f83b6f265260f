import type { Deps } from "#cli/deps.ts";
import { VERSION } from "#main/version.ts";

/** Builds everything that commands get from outside. What only some commands need is imported when they ask for it. */
export const compose = (): Deps => ({
  program: {
    version: VERSION,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  },
});
