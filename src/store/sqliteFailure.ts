import { WaybillError } from "#core/errors.ts";
import type { ErrorFacts } from "#core/errors.ts";

/** Primary result codes (sqlite.org/rescode.html); the extended ones hold them in their low byte. */
const FAILURES: Readonly<Record<number, readonly [message: string, hint?: string]>> = {
  5: ["another process keeps the store locked", "End the other process, or try again when it is done."],
  6: ["another process keeps the store locked", "End the other process, or try again when it is done."],
  8: ["the store cannot be written", "Check who owns the file, and that its file system is not mounted read-only."],
  10: ["the disk failed while the store was read or written", "Check the disk and its file system."],
  11: ["the store's file is damaged", "Restore it from a backup, or rebuild it from the registry."],
  13: ["the disk is full", "Make room where the store lies; nothing of the failed change was kept."],
  14: ["the store's file cannot be opened"],
  19: ["a rule of the store forbids the change"],
  26: ["the file is no store: it is not a SQLite database", "Name another file or directory."],
};

/** A failure of node:sqlite as STORE_FAILED. SQLite's own text may hold names, paths and SQL, so only the number is kept. */
export const sqliteFailure = (thrown: unknown): WaybillError => {
  if (thrown instanceof WaybillError) return thrown;
  const code = extendedCode(thrown);
  const [message, hint] = FAILURES[code & 0xff] ?? ["the database failed"];
  const facts: ErrorFacts = { details: { sqlite: code } };
  return new WaybillError("STORE_FAILED", message, hint === undefined ? facts : { ...facts, hint });
};

const extendedCode = (thrown: unknown): number =>
  thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number" ? thrown.errcode : 0;
