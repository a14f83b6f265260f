import { createHash } from "node:crypto";
import type { TarVisitor } from "#archive/tarEntry.ts";
import { TAR_LIMITS } from "#archive/tarLimits.ts";
import { createTarReader } from "#archive/tarReader.ts";
import { WaybillError } from "#core/errors.ts";
import { paxBody, tarArchive, tarEntry } from "../../fakes/tarBytes.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";

// Holes of sparse files are made of nothing: small ones do.
const LIMITS = { ...TAR_LIMITS, maxSparseBytes: 4 * 1024 * 1024 };
const BLOCK = 512;

const pax = (records: Readonly<Record<string, string>>): Buffer =>
  tarEntry({ name: "PaxHeaders/x", flag: "x", body: paxBody(records) });

const oldSparse = tarEntry({
  name: "sparse",
  flag: "S",
  magic: "ustar  \0",
  body: "abcd",
  patch: (block) => {
    block.write("00000000010\0", 386, "latin1");
    block.write("00000000004\0", 398, "latin1");
    block.write("00000000100\0", 483, "latin1");
  },
});

const seeds = (): readonly Uint8Array[] => [
  tarArchive(
    { name: "./etc/", flag: "5" },
    { name: "etc/os-release", body: "ID=x\n".repeat(200) },
    { name: "etc/link", flag: "2", link: "../usr/lib" },
    { name: "etc/hard", flag: "1", link: "etc/os-release" },
    { name: ".wh.gone", body: "" },
  ),
  tarArchive(
    pax({ path: `a/${"b".repeat(300)}`, size: "5" }),
    { name: "short", body: "hello" },
    { name: "p", flag: "g", body: paxBody({ comment: "made by hand" }) },
    { name: "././@LongLink", flag: "L", magic: "ustar  \0", body: `${"c/".repeat(80)}d\0` },
    { name: "cut", body: "x".repeat(700) },
  ),
  tarArchive(
    oldSparse,
    pax({ "GNU.sparse.size": "30", "GNU.sparse.map": "10,4,20,4", "GNU.sparse.name": "s" }),
    { name: "s", body: "12345678" },
    pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "t", "GNU.sparse.realsize": "30" }),
    { name: "t", body: Buffer.concat([Buffer.from("1\n10\n4\n".padEnd(BLOCK, "\0")), Buffer.from("1234")]) },
  ),
];

/** What came out, told in one line for each event. */
const read = (archive: Uint8Array, step: number): string => {
  const events: string[] = [];
  const visitor: TarVisitor = {
    visit: (entry) => {
      const hash = createHash("sha256");
      events.push(JSON.stringify(entry));
      return { write: (chunk) => hash.update(chunk) === hash, end: () => events.push(hash.digest("hex")) };
    },
    notice: (path, reason) => events.push(`${path}: ${reason}`),
  };
  const reader = createTarReader(visitor, LIMITS, "layer");
  try {
    for (let at = 0; at < archive.length; at += step) reader.write(archive.subarray(at, at + step));
    reader.end();
  } catch (thrown) {
    if (!(thrown instanceof WaybillError)) throw thrown;
    events.push(`${thrown.code}: ${thrown.message}`);
  }
  return events.join("\n");
};

/** Changes fields of headers, mostly their numbers, and makes the checksums true again. */
const mutate = (random: Random, seed: Uint8Array): Uint8Array => {
  const archive = Buffer.from(random() < 0.3 ? mutateBytes(random, seed) : seed);
  for (let at = 0; at + BLOCK <= archive.length; at += BLOCK) {
    const block = archive.subarray(at, at + BLOCK);
    if (block.toString("latin1", 257, 262) !== "ustar") continue;
    if (random() < 0.4) changeField(random, block);
    block.fill(" ", 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return archive;
};

const changeField = (random: Random, block: Buffer): void => {
  const size = (): void => {
    const honest = Number.parseInt(block.toString("latin1", 124, 135), 8) || 0;
    block.write(oddNumber(random, honest).toString(8).padStart(11, "0").slice(-11), 124, "latin1");
  };
  const flag = (): void => void block.write(pick(random, "01234567xgLKSVM\0".split("")), 156, "latin1");
  const name = (): void => void block.write(pick(random, ["../../x", "/a//b/.", ".wh.", "", "a\0b"]), 0, "latin1");
  const map = (): void =>
    void block.write(oddNumber(random).toString(8).padStart(11, "0"), 386 + 12 * below(random, 9));
  pick(random, [size, size, flag, flag, name, map])();
};

export const target: FuzzTarget = {
  name: "tar",
  seeds,
  mutate,
  run: (bytes) => {
    const whole = read(bytes, bytes.length + 1);
    // Chunks come as the network cuts them: it must make no difference.
    const inPieces = read(bytes, 509);
    if (whole !== inPieces) throw new TypeError(`read at once:\n${whole}\nread in pieces:\n${inPieces}`);
    const [, code, message = ""] = /^(IMAGE_REFUSED|LIMIT_EXCEEDED): (.*)$/m.exec(whole) ?? [];
    if (code !== undefined) throw new WaybillError(code as "IMAGE_REFUSED", message);
  },
};
