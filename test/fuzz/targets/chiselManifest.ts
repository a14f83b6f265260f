import { zstdCompressSync } from "node:zlib";
import { readChiselManifest } from "#sbom/dpkg/readChiselManifest.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";

const LINES = [
  { jsonwall: "1.0", schema: "1.0", count: 4 },
  { kind: "package", name: "openssl", version: "3.0.13-0ubuntu3.5", sha256: "ab".repeat(32), arch: "amd64" },
  { kind: "path", path: "/usr/bin/openssl", mode: "0755", slices: ["openssl_bins"], size: 1004 },
  { kind: "slice", name: "openssl_bins" },
];
const wall = (lines: readonly object[]): Buffer =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const text = wall(LINES);
const ODD: readonly unknown[] = [
  null,
  -1,
  "",
  "a_b",
  "/",
  "../x",
  [],
  ["openssl_bins", 1],
  {},
  2 ** 53,
  "x".repeat(300),
];

const oddLines = (random: Random): readonly object[] =>
  LINES.flatMap((line, index) => {
    const key = pick(random, [...Object.keys(line), "slices", "path"]);
    const changed = random() < 0.3 && index > 0 ? { ...line, [key]: pick(random, ODD) } : line;
    return Array.from({ length: random() < 0.1 && index > 0 ? below(random, 4) : 1 }, () => changed);
  });

export const target: FuzzTarget = {
  name: "chiselManifest",
  seeds: () => [
    zstdCompressSync(text),
    Buffer.concat([zstdCompressSync(text.subarray(0, 60)), zstdCompressSync(text.subarray(60))]),
  ],
  // Changed under the compression, so that the lines are reached: values, lines, or any bytes.
  mutate: (random) => zstdCompressSync(random() < 0.7 ? wall(oddLines(random)) : mutateBytes(random, text)),
  run: (bytes) => {
    readChiselManifest(bytes);
  },
};
