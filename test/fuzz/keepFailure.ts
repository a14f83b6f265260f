import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FuzzOutcome } from "./fuzzMessage.ts";

// Longer ones are read from the file.
const SHOWN = 2048;

/** Writes a failing input to a new temporary folder and says all that is needed to see it again. */
export const keepFailure = (
  name: string,
  seed: number,
  { reason, input, inputs }: Extract<FuzzOutcome, { kind: "failed" }>,
): string => {
  const hex = Buffer.from(input).toString("hex");
  const file = join(mkdtempSync(join(tmpdir(), "waybill-fuzz-")), `${name}.hex`);
  writeFileSync(file, `# ${reason.split("\n")[0]}\n${hex.replace(/.{1,120}/g, "$&\n")}`);
  const shown = hex.length > SHOWN ? `${hex.slice(0, SHOWN)}... (${input.byteLength} bytes)` : hex;
  return [
    `${name}: input ${inputs} of seed ${seed} fails: ${reason}`,
    `It is in ${file}: repair the reader, then keep the file in test/fuzz/regressions/${name}/.`,
    shown,
  ].join("\n");
};
