import { deflateSync } from "node:zlib";
import { programReducer } from "#sbom/executable/programReducer.ts";
import { auditableSearch } from "#sbom/rust/auditableSearch.ts";
import { describeCrates } from "#sbom/rust/describeCrates.ts";
import type { Crate } from "#sbom/rust/readCrates.ts";
import { elfFile, machOFile, peFile, universalFile } from "../../fakes/programBytes.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateProgram } from "../mutateProgram.ts";
import { readEachWay } from "../readInChunks.ts";

const CRATES = {
  packages: [
    { name: "cc", version: "1.2.20", source: "crates.io", kind: "build" },
    { name: "itoa", version: "1.0.15", source: "crates.io", dependencies: [2] },
    { name: "app", version: "0.9.3", source: "local", dependencies: [0, 1], root: true },
  ],
};

export const target: FuzzTarget = {
  name: "rustProgram",
  seeds: () => {
    const text = { name: ".text", bytes: Buffer.alloc(300, 7) };
    // Stored, not packed: changes of the list stay readable now and then.
    const section = { name: ".dep-v0", bytes: deflateSync(JSON.stringify(CRATES), { level: 0 }) };
    const mach = machOFile([text, section]);
    return [
      elfFile([text], [section]),
      elfFile([text], [section], { wide: false, big: true }),
      peFile([text, section]),
      mach,
      universalFile([mach, mach]),
    ];
  },
  mutate: mutateProgram,
  run: (bytes) => {
    const kept = readEachWay((size) => programReducer(size, auditableSearch), Buffer.from(bytes));
    if (!kept.startsWith("{")) return;
    const { found } = JSON.parse(kept) as { readonly found: readonly (readonly Crate[])[] };
    for (const crates of found) describeCrates(crates, { path: "a", layer: 0 });
  },
};
