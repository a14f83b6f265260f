import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { dotnetBundle } from "#sbom/cataloger/dotnetBundle.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import { elfFile, machOFile, peFile } from "../../../test/fakes/programBytes.ts";

const SIGNATURE = Buffer.from("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae", "hex");
const TARGET = ".NETCoreApp,Version=v8.0/linux-x64";
const LIST = JSON.stringify(
  {
    runtimeTarget: { name: TARGET, signature: "" },
    targets: { [TARGET]: { "Shop/1.4.0": { dependencies: { Serilog: "3.1.1" } }, "Serilog/3.1.1": {} } },
    libraries: { "Shop/1.4.0": { type: "project" }, "Serilog/3.1.1": { type: "package" } },
  },
  undefined,
  2,
).replace('"Serilog/3.1.1": {}', '"Serilog/3.1.1": { "runtime": { "lib/Serilog.dll": {} } }');

interface Bundle {
  readonly make?: typeof peFile;
  readonly list?: string;
  readonly major?: number;
  /** Added to where the header says that the list is. */
  readonly wrongBy?: number;
}

/** As the SDK writes it: host program, files, list, and at the end the header, whose place stands in the host's data. */
const bundle = ({ make = elfFile, list = LIST, major = 6, wrongBy = 0 }: Bundle = {}): Buffer => {
  const host = (offset: number): Buffer => {
    const place = Buffer.alloc(8);
    place.writeBigInt64LE(BigInt(offset));
    const data = { name: ".data", bytes: Buffer.concat([Buffer.alloc(24), place, SIGNATURE]), data: true };
    return make([{ name: ".text", bytes: Buffer.alloc(40_000) }, data]);
  };
  const files = Buffer.from(`assembly of "runtimeTarget": {} and more`.padEnd(300, " "));
  const listAt = host(0).length + files.length;
  const header = Buffer.alloc(13 + 4 + 40);
  header.writeUInt32LE(major, 0);
  header.writeUInt32LE(2, 8);
  header.write("\x04abcd", 12, "latin1");
  header.writeBigInt64LE(BigInt(listAt + wrongBy), 17);
  header.writeBigInt64LE(BigInt(list.length), 25);
  return Buffer.concat([host(listAt + list.length), files, Buffer.from(list), header]);
};

const scan = (program: Buffer, chunkSize = 1000): ReturnType<typeof fakeImage> =>
  fakeImage([{ "app/Shop": program }], [dotnetBundle], chunkSize);
const catalog = (program: Buffer, chunkSize?: number): Findings => dotnetBundle.catalog(scan(program, chunkSize).view);

describe("dotnetBundle", () => {
  it.each([40, 1000, 1_000_000])("lists the application and its packages, in chunks of %i bytes", (chunkSize) => {
    for (const make of [elfFile, peFile]) {
      const found = catalog(bundle({ make }), chunkSize);
      expect(found.packages.map(({ purl, foundBy, technique }) => [purl, foundBy, technique])).toEqual([
        ["pkg:nuget/Serilog@3.1.1", "dotnet-bundle", "binary-analysis"],
        ["pkg:nuget/Shop@1.4.0", "dotnet-bundle", "binary-analysis"],
      ]);
      expect(found.edges).toEqual([{ from: "pkg:nuget/Shop@1.4.0", to: "pkg:nuget/Serilog@3.1.1" }]);
      expect(found.packages[0]?.occurrences).toEqual([{ path: "app/Shop", layer: 0 }]);
    }
  });

  it("finds nothing in a host without a bundle, and in other programs with something behind them", () => {
    const host = bundle();
    const empty = Buffer.from(host);
    empty.fill(0, empty.indexOf(SIGNATURE) - 8, empty.indexOf(SIGNATURE));
    for (const program of [empty, Buffer.concat([elfFile([]), Buffer.alloc(50_000)]), bundle({ make: machOFile })]) {
      const image = scan(program);
      expect([dotnetBundle.catalog(image.view).packages, image.unknowns]).toEqual([[], []]);
    }
  });

  it("states bundles that it cannot read", () => {
    const reasons = (program: Buffer): readonly string[] => scan(program).unknowns.map(({ reason }) => reason);
    expect(reasons(bundle({ major: 1 }))).toEqual(["WaybillError: .NET bundle whose header cannot be read: version 1"]);
    expect(reasons(bundle({ wrongBy: 5_000_000 }))).toEqual([
      "WaybillError: .NET bundle whose list of libraries is not where its header says",
    ]);
    expect(reasons(bundle().subarray(0, -50))).toEqual([
      "WaybillError: .NET bundle whose header cannot be read: it is cut off",
    ]);
    expect(reasons(bundle({ list: '{"runtimeTarget": {' }))[0]).toMatch(/deps.json/);
  });
});
