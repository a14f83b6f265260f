import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { WaybillError } from "#core/errors.ts";
import { SLOT_BYTES } from "#main/worker/digestMessage.ts";
import type { DigestAnswer, DigestRequest } from "#main/worker/digestMessage.ts";

// Hashes what the main thread puts into shared memory. Whatever goes wrong ends the thread, and with it all that wait.

const memory = workerData as SharedArrayBuffer;
const hashes = new Map<number, Hash>();
const answer = (message: DigestAnswer): void => parentPort?.postMessage(message);

const hashOf = (stream: number): Hash => {
  const hash = hashes.get(stream);
  if (hash === undefined) throw new WaybillError("INTERNAL", `there is no stream ${stream}`);
  return hash;
};

parentPort?.on("message", (request: DigestRequest) => {
  switch (request.kind) {
    case "start":
      return void hashes.set(request.stream, createHash(request.algorithm));
    case "update":
      hashOf(request.stream).update(new Uint8Array(memory, request.slot * SLOT_BYTES, request.length));
      return answer({ kind: "free", slot: request.slot });
    case "fork":
      return void hashes.set(request.as, hashOf(request.stream).copy());
    case "end":
      answer({ kind: "digest", stream: request.stream, hex: hashOf(request.stream).digest("hex") });
      return void hashes.delete(request.stream);
    case "drop":
      return void hashes.delete(request.stream);
  }
});
