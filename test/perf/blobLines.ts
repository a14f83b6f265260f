import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { peer } from "../interop/peers.ts";
import { succeed } from "../interop/run.ts";
import { waybillCommand, waybillDone, WAYBILL_ENV } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";
import { watchProcess } from "./watchProcess.ts";

const LARGE = 2 * 1024 ** 3;
const RUNS = 3;
const FILES = 1000;
// cosign is started so often only: its share of a thousand is what is compared.
const LOOPED = 50;
const TIMEOUT_MS = 600_000;

const LOOP = {
  sign: 'for file in "$3"/*.bin; do "$0" sign-blob --key "$1" --use-signing-config=false --tlog-upload=false -y --bundle "$2/${file##*/}.theirs" "$file" 2> /dev/null || exit 1; done',
  verify:
    'for file in "$3"/*.bin; do "$0" verify-blob --key "$1" --insecure-ignore-tlog=true --bundle "$2/${file##*/}.theirs" "$file" 2> /dev/null || exit 1; done',
};

/** `sign-blob` and `verify-blob` of one large file, and of many small ones in one process, against cosign 3. */
export const measureBlobs = async (workspace: Workspace): Promise<readonly Line[]> => {
  const key = workspace.path("blobs");
  await waybillDone(["generate-key-pair", "--output-key-prefix", key], { env: workspace.env });
  return [...(await measureLarge(workspace, key)), ...(await measureMany(workspace, key))];
};

const measureLarge = async (workspace: Workspace, key: string): Promise<readonly Line[]> => {
  const { env } = workspace;
  const large = workspace.path("large.bin");
  await fillFile(large, LARGE);
  const [mine, theirs] = [workspace.path("mine.json"), workspace.path("theirs.json")];
  const sign = await compare(
    RUNS,
    () => done(["sign-blob", "--key", `${key}.key`, "--bundle", mine, large], env),
    async () => {
      const how = ["--use-signing-config=false", "--tlog-upload=false", "-y", "--bundle", theirs];
      await succeed(peer("cosign3"), ["sign-blob", "--key", `${key}.key`, ...how, large], {
        env,
        timeoutMs: TIMEOUT_MS,
      });
    },
  );
  const verify = await compare(
    RUNS,
    () => done(["verify-blob", "--key", `${key}.pub`, "--bundle", theirs, large], env),
    async () => {
      const how = ["--insecure-ignore-tlog=true", "--bundle", mine];
      await succeed(peer("cosign3"), ["verify-blob", "--key", `${key}.pub`, ...how, large], {
        env,
        timeoutMs: TIMEOUT_MS,
      });
    },
  );
  const [program, args] = waybillCommand(["verify-blob", "--key", `${key}.pub`, "--bundle", theirs, large]);
  const cost = await watchProcess(program, args, { env: { ...env, ...WAYBILL_ENV }, output: workspace.path("out") });
  const theirCost = await watchProcess(
    peer("cosign3"),
    ["verify-blob", "--key", `${key}.pub`, "--insecure-ignore-tlog=true", "--bundle", mine, large],
    { env, output: workspace.path("out") },
  );
  await rm(large);
  return [
    faster("sign-blob of 2 GiB against cosign 3.1.2", sign, 1, "bundle"),
    faster("verify-blob of 2 GiB against cosign 3.1.2", verify, 1, "bundle"),
    {
      name: "peak memory of verify-blob of 2 GiB",
      ours: cost.peakMiB,
      theirs: theirCost.peakMiB,
      unit: "MiB",
      kind: "share",
      ratio: cost.peakMiB / theirCost.peakMiB,
      goal: 0.1,
      note: "150 MiB is the limit for a file of any size",
    },
  ];
};

const measureMany = async (workspace: Workspace, key: string): Promise<readonly Line[]> => {
  const { env } = workspace;
  const [all, some, papers] = [workspace.path("all"), workspace.path("some"), workspace.path("papers")];
  for (const folder of [all, some, papers]) mkdirSync(folder);
  for (let at = 0; at < FILES; at++) {
    const text = `file ${at}\n`.repeat(100);
    writeFileSync(`${all}/${at}.bin`, text);
    if (at < LOOPED) writeFileSync(`${some}/${at}.bin`, text);
  }
  const files = readdirSync(all).map((name) => `${all}/${name}`);
  const template = `${papers}/{/}.ours`;
  const loop = (what: keyof typeof LOOP, end: string) => async () => {
    const args = ["-c", LOOP[what], peer("cosign3"), `${key}.${end}`, papers, some];
    await succeed("bash", args, { env, timeoutMs: TIMEOUT_MS });
  };
  const sign = await compare(
    RUNS,
    () => done(["sign-blob", "--quiet", "--key", `${key}.key`, "--bundle", template, ...files], env),
    loop("sign", "key"),
  );
  const verify = await compare(
    RUNS,
    () => done(["verify-blob", "--quiet", "--key", `${key}.pub`, "--bundle", template, ...files], env),
    loop("verify", "pub"),
  );
  return [
    faster(`sign-blob of ${FILES} small files against a loop of cosign 3.1.2`, scaled(sign), 10, NOTE),
    faster(`verify-blob of ${FILES} small files against a loop of cosign 3.1.2`, scaled(verify), 10, NOTE),
  ];
};

const NOTE = `one process; cosign measured with ${LOOPED} files and counted ${FILES / LOOPED} times`;

type Compared = Awaited<ReturnType<typeof compare>>;

const scaled = ({ ours, theirs, oursToTheirs }: Compared): Compared => ({
  ours,
  theirs: (theirs * FILES) / LOOPED,
  oursToTheirs: (oursToTheirs * LOOPED) / FILES,
});

const faster = (name: string, { ours, theirs, oursToTheirs }: Compared, goal: number, note: string): Line => ({
  name,
  ours,
  theirs,
  unit: "ms",
  kind: "faster",
  ratio: 1 / oursToTheirs,
  goal,
  note,
});

const done = async (args: readonly string[], env: Workspace["env"]): Promise<void> => {
  await waybillDone(args, { env, timeoutMs: TIMEOUT_MS });
};

/** No hole in it, and no piece like another: what reads it reads a disk or its cache. */
const fillFile = async (path: string, size: number): Promise<void> => {
  const piece = Buffer.alloc(1024 * 1024, "no piece is like another; ");
  const file = await open(path, "w");
  try {
    for (let at = 0; at < size; at += piece.byteLength) {
      piece.writeBigUInt64BE(BigInt(at));
      await file.write(piece);
    }
  } finally {
    await file.close();
  }
};
