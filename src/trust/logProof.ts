import type { LogEntry } from "#claims/logEntry.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { isWithin } from "#trust/window.ts";
import type { LogBody } from "#trust/logBody.ts";
import { checkInclusion } from "#trust/logInclusion.ts";
import { checkPromise } from "#trust/logPromise.ts";
import { matchLogBody } from "#trust/matchLogBody.ts";
import { readLogBody } from "#trust/readLogBody.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import type { TrustedLog, TrustRoot } from "#trust/trustRoot.ts";

/** What a log vouches for. Made only by `verifyLogEntry`. */
export interface VerifiedLogEntry {
  readonly log: TrustedLog;
  /** Source of the trusted root that names the log. */
  readonly root: string;
  /** Of the whole log where its promise says so, else in the tree of the proof: Rekor v1 has one tree after another. */
  readonly index: bigint;
  /** Kind and version, such as `hashedrekord 0.0.1`. */
  readonly kind: string;
  /** Whether a proof leads to a checkpoint that the log signed. */
  readonly inclusionProof: boolean;
  /** Whether the log signed a promise to include it. */
  readonly promise: boolean;
  /** Of the checkpoint, like the origin and the witnesses. */
  readonly treeSize?: bigint;
  readonly origin?: string;
  /** Names of who else signed the checkpoint. Their keys are not known, so nobody has checked them. */
  readonly witnesses: readonly string[];
  /** Only where a good promise vouches for it. */
  readonly integratedTime: Date | undefined;
}

/**
 * Checks a log entry that came with a signature: its body is about exactly this thing, a log of a trusted root vouches for
 * it with a promise or a proof to a checkpoint, nothing of either is wrong, and the log's key counted at the time. Rekor v2
 * knows no time and neither does a proof alone: `times` are those that others vouch for, every one of which must lie in the
 * window of the log's key; without any, nothing can be said of that, and the caller may look at `log.window`.
 */
export const verifyLogEntry = (
  entry: LogEntry,
  thing: SignedThing,
  roots: readonly TrustRoot[],
  times: readonly Date[] = [],
): VerifiedLogEntry | Fault => {
  const candidates = findLogs(entry, roots);
  if (candidates.length === 0)
    return { code: "log-unknown", reason: `it is in ${nameOf(entry)}, which is not trusted` };
  const body = readLogBody(entry);
  if (isFault(body)) return body;
  const mismatch = matchLogBody(body, thing);
  if (mismatch !== undefined) return mismatch;
  let first: Fault | undefined;
  for (const candidate of candidates) {
    const verdict = checkProofs(entry, body, candidate, times);
    if (!isFault(verdict)) return verdict;
    first ??= verdict;
  }
  return first ?? UNPROVEN;
};

interface Candidate {
  readonly log: TrustedLog;
  readonly root: string;
}

/** Several roots may name one log, each with a window of its own. */
const findLogs = ({ logId }: LogEntry, roots: readonly TrustRoot[]): readonly Candidate[] =>
  logId === undefined
    ? []
    : roots.flatMap(({ logs, source }) =>
        logs.filter((log) => Buffer.compare(log.logId, logId) === 0).map((log) => ({ log, root: source })),
      );

const nameOf = ({ logId }: LogEntry): string =>
  logId === undefined ? "a log without a name" : `the log ${quoted(Buffer.from(logId).toString("hex"))}`;

const UNPROVEN: Fault = {
  code: "log-unproven",
  reason: "its log entry has neither a promise of the log nor a proof with a checkpoint",
};

const checkProofs = (
  entry: LogEntry,
  { kind, generation }: LogBody,
  { log, root }: Candidate,
  times: readonly Date[],
): VerifiedLogEntry | Fault => {
  if (generation === 2 && entry.promise !== undefined)
    return { code: "log-promise", reason: "its log entry has a promise, which logs of its kind do not give" };
  const time = entry.promise === undefined ? undefined : checkPromise(entry, entry.promise, log);
  if (time !== undefined && isFault(time)) return time;
  const proof = entry.proof === undefined ? undefined : checkInclusion(entry, entry.proof, log, generation);
  if (proof !== undefined && isFault(proof)) return proof;
  if (time === undefined && proof === undefined) return UNPROVEN;
  const late = (time === undefined ? times : [time]).find((one) => !isWithin(log.window, one));
  if (late !== undefined)
    return { code: "log-window", reason: `the key of its log does not count at ${late.toISOString()}` };
  return {
    log,
    root,
    index: time === undefined ? (entry.proof?.index ?? entry.index) : entry.index,
    kind,
    inclusionProof: proof !== undefined,
    promise: time !== undefined,
    ...(proof === undefined ? { witnesses: [] } : proof),
    integratedTime: time,
  };
};
