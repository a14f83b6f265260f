import { programReducer } from "#sbom/executable/programReducer.ts";
import { buildInfoSearch } from "#sbom/golang/buildInfoSearch.ts";
import { describeProgram } from "#sbom/golang/describeProgram.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";
import { elfFile, machOFile, peFile, universalFile } from "../../fakes/programBytes.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateProgram } from "../mutateProgram.ts";
import { readEachWay } from "../readInChunks.ts";

const MODULES =
  'path\te.org/a\nmod\te.org/a\tv1.0.0\t\ndep\te.org/b\tv2.0.0\th1:x=\n=>\t./fork\t(devel)\t\nbuild\t-ldflags="-X main.version=1.2.3"\n';
const START = Buffer.from("3077af0c9274080241e1c107e6d618e6", "hex");
const END = Buffer.from("f932433186182072008242104116d8f2", "hex");
const WRAPPED = Buffer.concat([START, Buffer.from(MODULES), END]);
const DATA_AT = 0x600;
const BASE = 0x400000;

const inlineBlob = (): Buffer => {
  const head = Buffer.alloc(32);
  head.write("\xff Go buildinf:\x08\x02", "latin1");
  const length = Buffer.from([(WRAPPED.length % 128) + 128, Math.floor(WRAPPED.length / 128)]);
  return Buffer.concat([head, Buffer.from("\x08go1.22.3"), length, WRAPPED]);
};

/** As before Go 1.18: the blob holds addresses of string headers behind it, and those of characters before it. */
const pointerProgram = (): Buffer => {
  const text = Buffer.alloc(DATA_AT - 0x200);
  text.write("Go\0\0go1.17.6", "latin1");
  WRAPPED.copy(text, 64);
  const data = Buffer.alloc(200);
  data.write("\xff Go buildinf:\x08\x00", "latin1");
  const words = [DATA_AT + 64, DATA_AT + 128, 0x204, 8, 0x240, WRAPPED.length];
  for (const [index, at] of [16, 24, 64, 72, 128, 136].entries()) {
    const word = words[index] ?? 0;
    data.writeBigUInt64LE(BigInt(at === 72 || at === 136 ? word : BASE + word), at);
  }
  return elfFile([
    { name: "text", bytes: text },
    { name: "data", bytes: data, data: true },
  ]);
};

export const target: FuzzTarget = {
  name: "goProgram",
  seeds: () => {
    const text = { name: "text", bytes: Buffer.alloc(300, 7) };
    const data = { name: "data", bytes: inlineBlob(), data: true };
    const mach = machOFile([text, data]);
    return [elfFile([text, data]), peFile([text, data]), mach, universalFile([mach, mach]), pointerProgram()];
  },
  mutate: mutateProgram,
  run: (bytes) => {
    const kept = readEachWay((size) => programReducer(size, buildInfoSearch), Buffer.from(bytes));
    if (!kept.startsWith("{")) return;
    const { found } = JSON.parse(kept) as { readonly found: readonly GoBuildInfo[] };
    for (const info of found) describeProgram(info, { path: "a", layer: 0 });
  },
};
