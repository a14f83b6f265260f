import { parentPort, workerData } from "node:worker_threads";
import { countDigest } from "#core/digest.ts";
import type { DigestCounter } from "#core/digest.ts";
import { SLOT_BYTES } from "#main/worker/hashMessage.ts";
import type { HashAnswer, HashMemory, HashRequest } from "#main/worker/hashMessage.ts";

// Hashes what the main thread puts into the slots of the shared memory. Messages come in order, so streams need no more
// than their number.
const { memory } = workerData as HashMemory;
const streams = new Map<number, DigestCounter>();

const answer = (message: HashAnswer): void => parentPort?.postMessage(message);

const end = (stream: number): void => {
  const counter = streams.get(stream);
  streams.delete(stream);
  if (counter !== undefined) answer({ kind: "digest", stream, digest: counter.digest() });
};

parentPort?.on("message", (request: HashRequest) => {
  switch (request.kind) {
    case "start":
      streams.set(request.stream, countDigest(request.algorithm));
      return;
    case "update":
      streams.get(request.stream)?.update(new Uint8Array(memory, request.slot * SLOT_BYTES, request.length));
      return answer({ kind: "free", slot: request.slot });
    case "end":
      return end(request.stream);
  }
});
