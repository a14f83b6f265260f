import { parentPort } from "node:worker_threads";
import { comparePassword } from "#registry/server/comparePassword.ts";
import type { PasswordAnswer, PasswordRequest } from "#main/worker/passwordMessage.ts";

// One comparison after another: they are slow on purpose, and must not take more than one core from whoever is served.
parentPort?.on("message", ({ id, password, hash }: PasswordRequest) => {
  const answer: PasswordAnswer = { id, right: comparePassword(password, hash) };
  parentPort?.postMessage(answer);
});
