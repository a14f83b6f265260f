import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { createGunzip } from "node:zlib";

// `node test/perf/floor.ts LAYER...`: the least that must be done to read gzip layers and believe them: each is inflated, and
// hashed compressed and inflated, on all cores. Prints the digests. What reads images also has to look at what comes out.

const READ = 1024 * 1024;
const CHUNK = 256 * 1024;

const hashLayer = async (path: string): Promise<string> => {
  const [blob, plain] = [createHash("sha256"), createHash("sha256")];
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const file = createReadStream(path, { highWaterMark: READ });
  file.on("data", (chunk) => blob.update(chunk));
  for await (const chunk of file.pipe(gunzip)) plain.update(chunk as Buffer);
  return `sha256:${blob.digest("hex")} sha256:${plain.digest("hex")}`;
};

const work = async (): Promise<void> => {
  for (;;) {
    const next = new Promise<string | undefined>((resolve) => parentPort?.once("message", resolve));
    parentPort?.postMessage(undefined);
    // One layer after the other is what a thread does.
    // oxlint-disable-next-line no-await-in-loop
    const path = await next;
    if (path === undefined) return parentPort?.close();
    // oxlint-disable-next-line no-await-in-loop
    parentPort?.postMessage(await hashLayer(path));
  }
};

const share = (paths: readonly string[]): void => {
  const waiting = [...paths];
  for (let thread = 0; thread < Math.min(paths.length, availableParallelism()); thread++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: "floor" });
    worker.on("message", (answer: string | undefined) => {
      if (answer === undefined) worker.postMessage(waiting.shift());
      else process.stdout.write(`${answer}\n`);
    });
  }
};

if (isMainThread) share(process.argv.slice(2));
else if (workerData === "floor") await work();
