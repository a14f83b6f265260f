import { WaybillError } from "#core/errors.ts";
import type { ErrorFacts } from "#core/errors.ts";

/** By SQLSTATE or its class (postgresql.org/docs/15/errcodes-appendix.html). */
const FAILURES: readonly (readonly [state: string, message: string, hint: string])[] = [
  ["23", "a rule of the store forbids the change", "Please report this; nothing of the change was kept."],
  ["28", "the database refuses the user", "Check the user and the password of the database's address."],
  ["3D", "there is no such database", "Create it, or correct its name in the database's address."],
  ["42501", "the database denies the user what the store needs", "Let the user own the schema of the store."],
  ["53", "the database has no room", "Make room on its disk, or allow it more connections and memory."],
  ["55P03", "another process keeps the store locked", "End the other process, or try again when it is done."],
  ["57014", "the database took too long", "Try again; look at what else keeps it busy."],
  ["57", "the database ends or starts", "Try again when it is up."],
];

/** A failure of PostgreSQL or its driver as STORE_FAILED. Their texts hold values and addresses, so only the state is kept. */
export const postgresFailure = (thrown: unknown): WaybillError => {
  if (thrown instanceof WaybillError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code) || code.startsWith("08"))
    return new WaybillError("STORE_FAILED", "the database cannot be reached", {
      hint: "Check its address, and that it is up.",
    });
  const found = FAILURES.find(([state]) => code.startsWith(state));
  const facts: ErrorFacts = { details: { sqlstate: code } };
  return found === undefined
    ? new WaybillError("STORE_FAILED", "the database failed", { ...facts, hint: "Look at the log of the database." })
    : new WaybillError("STORE_FAILED", found[1], { ...facts, hint: found[2] });
};
