import { bundleSearch } from "#sbom/dotnet/bundleSearch.ts";
import { programReducer } from "#sbom/executable/programReducer.ts";
import { elfFile, peFile } from "../../fakes/programBytes.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateProgram } from "../mutateProgram.ts";
import { readEachWay } from "../readInChunks.ts";

const SIGNATURE = Buffer.from("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae", "hex");
const LIST =
  '{ "runtimeTarget": { "name": "t" }, "targets": { "t": {} }, "libraries": { "a/1.0": { "type": "package" } } }';

const bundle = (make: typeof peFile): Buffer => {
  const host = (offset: number): Buffer => {
    const place = Buffer.alloc(8);
    place.writeBigInt64LE(BigInt(offset));
    return make([{ name: ".data", bytes: Buffer.concat([place, SIGNATURE]), data: true }]);
  };
  const listAt = host(0).length;
  const header = Buffer.alloc(57);
  header.writeUInt32LE(6, 0);
  header.write("\x04abcd", 12, "latin1");
  header.writeBigInt64LE(BigInt(listAt), 17);
  header.writeBigInt64LE(BigInt(LIST.length), 25);
  return Buffer.concat([host(listAt + LIST.length), Buffer.from(LIST), header]);
};

export const target: FuzzTarget = {
  name: "dotnetBundle",
  seeds: () => [bundle(elfFile), bundle(peFile)],
  mutate: mutateProgram,
  run: (bytes) => {
    readEachWay((size) => programReducer(size, bundleSearch), Buffer.from(bytes));
  },
};
