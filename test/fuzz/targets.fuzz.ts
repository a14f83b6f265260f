import { randomInt } from "node:crypto";
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { keepFailure } from "./keepFailure.ts";
import { regressionInputs } from "./regressionInputs.ts";
import { runTarget } from "./runTarget.ts";

// Every reader of strangers' bytes in targets/, on inputs that are changed at random: see README.md.

const folder = new URL("targets/", import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ""));
const seconds = Number(process.env["WAYBILL_FUZZ_SECONDS"] ?? "20");
const wanted = process.env["WAYBILL_SEED"] ?? "20261121";
const seed = wanted === "random" ? randomInt(2 ** 31) : Number(wanted);
// As many threads at once as the suite's configuration lets run.
const AT_ONCE = 2;
const milliseconds = (seconds * 1000 * AT_ONCE) / names.length;

describe(`fuzzing with seed ${seed}`, () => {
  it.concurrent.each(names)("%s", { timeout: milliseconds + 300_000 }, async (name) => {
    const target = new URL(`${name}.ts`, folder).href;
    const outcome = await runTarget({ target, seed, milliseconds, regressions: regressionInputs(name) });
    if (outcome.kind === "failed") throw new Error(keepFailure(name, seed, outcome));
    console.log(`fuzz ${name}: ${outcome.inputs} inputs with seed ${seed}, ${outcome.accepted} read to their end`);
    // Seeds are well-formed: where none is read, nothing behind the first check was ever reached.
    expect(outcome.accepted).toBeGreaterThan(0);
  });
});
