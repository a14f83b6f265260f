import { Worker } from "node:worker_threads";
import { WaybillError } from "#core/errors.ts";
import type { PasswordAnswer, PasswordRequest } from "#main/worker/passwordMessage.ts";

/** A thread that compares passwords with bcrypt hashes, which takes a tenth of a second and more each. */
export interface PasswordThread {
  readonly compare: (password: string, hash: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
const WORKER_URL = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/password.worker.ts" : "./password.worker.js",
  import.meta.url,
);

interface Waiting {
  readonly resolve: (right: boolean) => void;
  readonly reject: (error: WaybillError) => void;
}

/** Starts the thread; when it ends, whatever waits for it fails, and what comes later as well: nobody is let in unchecked. */
export const startPasswordThread = (): PasswordThread => {
  const worker = new Worker(WORKER_URL, { name: "password" });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let failure: WaybillError | undefined;
  let count = 0;
  const fail = (error: WaybillError): void => {
    failure ??= error;
    for (const one of waiting.values()) one.reject(failure);
    waiting.clear();
  };
  worker.on("message", ({ id, right }: PasswordAnswer) => {
    waiting.get(id)?.resolve(right);
    waiting.delete(id);
  });
  worker.on("error", (cause) =>
    fail(new WaybillError("INTERNAL", "the thread that checks passwords failed", { cause })),
  );
  worker.on("exit", () => fail(new WaybillError("ABORTED", "the thread that checks passwords was ended")));
  return {
    compare: (password, hash) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        const id = count++;
        waiting.set(id, { resolve, reject });
        const request: PasswordRequest = { id, password, hash };
        worker.postMessage(request);
      }),
    close: async () => void (await worker.terminate()),
  };
};
