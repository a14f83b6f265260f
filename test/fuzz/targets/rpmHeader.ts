import { WaybillError } from "#core/errors.ts";
import { readHeader } from "#sbom/rpm/rpmHeader.ts";
import { recordOf } from "#sbom/rpm/rpmRecord.ts";
import { packHeader, rpmHeader } from "../../fakes/rpmHeaders.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";

const TAGS = [63, 1000, 1001, 1002, 1003, 1014, 1022, 1027, 1047, 1048, 1049, 1112, 1116, 1117, 1118, 5118, 5119];

/** Headers as databases have them. */
export const headerSeeds = (): readonly Buffer[] => [
  rpmHeader({
    name: "bash",
    version: "5.1.8",
    release: "6.el9",
    epoch: 1,
    license: "GPLv3+ and MIT",
    vendor: "Example",
    summary: "A shell",
    sourceRpm: "bash-5.1.8-6.el9.src.rpm",
    module: "shell:5:1:2",
    provides: ["bash = 5.1.8-6.el9", "/bin/sh", "config(bash) = 5.1.8-6.el9"],
    requires: ["libc.so.6()(64bit)", "/usr/bin/env", "(a if b)", "filesystem >= 3"],
    files: ["/usr/bin/bash", "/usr/bin/sh", "/etc/skel/.bashrc"],
    sha256: "ab".repeat(32),
  }),
  rpmHeader({ name: "gpg-pubkey", version: "fd431d51", release: "4ae0493b" }),
  packHeader([
    [1000, "old"],
    [1001, "1"],
    [1002, "1"],
    [1027, ["/usr/bin/a", "/etc/b", "c"]],
  ]),
];

/** Changes the counts at its head and the entries of its index. */
export const mutateHeader = (random: Random, seed: Uint8Array): Uint8Array => {
  const header = Buffer.from(random() < 0.2 ? mutateBytes(random, seed) : seed);
  if (header.length < 24) return header;
  const entries = Math.max(1, Math.min(header.readUInt32BE(0), Math.floor((header.length - 8) / 16)));
  for (let times = 1 + below(random, 3); times > 0; times--) {
    const entry = 8 + 16 * below(random, entries);
    const put = (at: number, value: number): unknown => header.writeUInt32BE(value % 2 ** 32, at);
    pick(random, [
      () => put(entry, pick(random, TAGS)),
      () => put(entry + 4, below(random, 11)),
      () => put(entry + 8, oddNumber(random, header.readUInt32BE(entry + 8))),
      () => put(entry + 12, oddNumber(random, header.readUInt32BE(entry + 12))),
      () => put(4 * below(random, 2), oddNumber(random, header.readUInt32BE(0))),
    ])();
  }
  return header;
};

export const target: FuzzTarget = {
  name: "rpmHeader",
  seeds: headerSeeds,
  mutate: mutateHeader,
  run: (bytes) => {
    const record = recordOf(readHeader(Buffer.from(bytes)));
    if (record === undefined) throw new WaybillError("INPUT_INVALID", "no usable name");
    const size = JSON.stringify(record).length;
    // Strings of control characters are six times as long in JSON, and several entries may share their data.
    if (size > 200 * bytes.length + 10_000) throw new TypeError(`a record of ${size} bytes out of ${bytes.length}`);
  },
};
