import type { LogEntry } from "#claims/logEntry.ts";
import { countParties } from "#trust/countParties.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { logNames } from "#trust/logNames.ts";
import { verifyLogEntry } from "#trust/logProof.ts";
import type { VerifiedLogEntry } from "#trust/logProof.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

/** What logs vouch for together. */
export interface VerifiedLogEntries {
  readonly entries: readonly VerifiedLogEntry[];
  /** How many of the logs have neither a key nor an operator in common: what a threshold counts. */
  readonly logs: number;
  /** Entries of logs that no root names. They count for nothing, and spoil nothing. */
  readonly unknown: readonly Fault[];
}

// sigstore-go's limit (CVE-2024-45395); each costs two signature checks.
const MAX_ENTRIES = 32;

/** Checks all entries that came with one signature (`verifyLogEntry`). One that is wrong, or there twice, spoils all. */
export const verifyLogEntries = (
  entries: readonly LogEntry[],
  thing: SignedThing,
  roots: readonly TrustRoot[],
  times: readonly Date[] = [],
): VerifiedLogEntries | Fault => {
  if (entries.length > MAX_ENTRIES)
    return { code: "log-count", reason: `it comes with ${entries.length} log entries, the limit is ${MAX_ENTRIES}` };
  if (hasTwins(entries)) return { code: "log-duplicate", reason: "it comes with one log entry twice" };
  const verdicts = entries.map((entry) => verifyLogEntry(entry, thing, roots, times));
  const faults = verdicts.filter(isFault);
  const wrong = faults.find(({ code }) => code !== "log-unknown");
  if (wrong !== undefined) return wrong;
  const verified = verdicts.filter((verdict): verdict is VerifiedLogEntry => !isFault(verdict));
  return { entries: verified, logs: countParties(verified.map(({ log }) => logNames(log))), unknown: faults };
};

/** By what an entry is, too: an index may not be signed. */
const hasTwins = (entries: readonly LogEntry[]): boolean =>
  entries.some(({ logId, index, body }, at) =>
    entries
      .slice(at + 1)
      .some((other) => isSame(logId, other.logId) && (index === other.index || isSame(body, other.body))),
  );

const isSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  Buffer.compare(one ?? new Uint8Array(), other ?? new Uint8Array()) === 0;
