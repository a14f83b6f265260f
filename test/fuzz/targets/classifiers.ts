import { classifierReducer } from "#sbom/classifier/classifierReducer.ts";
import { CLASSIFIERS } from "#sbom/classifier/classifiers.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { readEachWay } from "../readInChunks.ts";

const MAGIC = "\x7fELF";

const seed = (...texts: readonly string[]): Buffer => Buffer.from(`${MAGIC}${texts.join("\0")}\0`, "latin1");

export const target: FuzzTarget = {
  name: "classifiers",
  seeds: () => [
    seed("nginx version: nginx/1.25.1\n", "OpenSSL 3.1.4 24 Oct 2023", "BusyBox v1.36.1 (2023-05-18)"),
    seed("3.12.1", "PYTHONHOME", "v5.36.0", "panic: ", "X-Powered-By: PHP/8.3.1"),
    seed("7.0.14buildkitsandbox-1702957741000000000", "7.0.15", "c11-builtin", "10.6.15-MariaDB"),
    // Every literal, so that every pattern runs.
    seed(...CLASSIFIERS.flatMap(({ markers }) => markers.map(({ literal }) => `${literal}1.2.3`))),
  ],
  run: (bytes) => {
    readEachWay(() => classifierReducer(CLASSIFIERS), Buffer.from(bytes));
  },
};
