import type { SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Certificate } from "#trust/certificate.ts";
import { countParties } from "#trust/countParties.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { isWithin } from "#trust/window.ts";
import type { VerifiedLogEntry } from "#trust/logProof.ts";
import { nearestFault } from "#trust/nearestFault.ts";
import type { SignedInput } from "#trust/signedInput.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import { verifyLogEntries } from "#trust/verifyLogEntries.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import type { VerifiedTimestamp } from "#trust/timestamp.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { Backing, ProofDemand, Proofs } from "#trust/verifiedClaim.ts";

/** One signature of a claim, and whose it is. */
export interface ProvenSignature {
  readonly input: SignedInput;
  readonly signature: Uint8Array;
  readonly scheme: SignatureScheme;
  readonly verifier: SignedThing["verifier"];
}

export interface ProofTimes {
  /** The time of verification: nothing was signed after it. */
  readonly at: Date;
  /** Whether what signed is good for a while only, as certificates are. */
  readonly isTimeNeeded: boolean;
}

/** Proofs of one trust root, and every time that they prove. */
export interface ProvenTimes extends Proofs {
  readonly times: readonly Date[];
}

/**
 * The log entries and timestamps of a signature against each root for itself: the first that proves what is demanded, or
 * the nearest fault. Whatever is there and looked at must be right, demanded or not. `also` goes on with the times of that
 * root; its fault is the root's.
 */
export const verifyProofs = (
  signed: ProvenSignature,
  { roots, demand }: Backing,
  times: ProofTimes,
  also: (root: TrustRoot, proven: ProvenTimes) => Proofs | Fault = (_, { times: __, ...proofs }) => proofs,
): Proofs | Fault => {
  const { flaw } = signed.input.carried ?? {};
  if (flaw !== undefined) return { code: "proof-unreadable", reason: flaw };
  const faults: Fault[] = [];
  for (const root of roots) {
    const proven = provenBy(signed, root, demand, times);
    const whole = isFault(proven) ? proven : also(root, proven);
    if (!isFault(whole)) return whole;
    faults.push(whole);
  }
  return nearestFault(faults) ?? { code: "no-root", reason: "there is no trusted root to prove it by" };
};

const provenBy = (
  signed: ProvenSignature,
  root: TrustRoot,
  demand: ProofDemand,
  { at, isTimeNeeded }: ProofTimes,
): ProvenTimes | Fault => {
  const timestamp = provenTimestamps(signed, root, demand.timestamps);
  if (isFault(timestamp)) return timestamp;
  const log = provenLogs(
    signed,
    root,
    demand.logs,
    timestamp.found.map(({ time }) => time),
  );
  if (isFault(log)) return log;
  const stamped = timestamp.found.map(({ time }) => ({ at: time, by: "timestamp" as const }));
  const logged = log.found.flatMap(({ integratedTime }) =>
    integratedTime === undefined ? [] : [{ at: integratedTime, by: "log" as const }],
  );
  const proven = [...stamped, ...logged].toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const fault = futureTime(proven, at) ?? (proven.length === 0 ? outsideLog(log.found, at) : undefined);
  if (fault !== undefined) return fault;
  // Only who said that no log need have it takes the clock's word for when it was signed (attack 16).
  const isClockEnough = (demand.logs ?? 0) === 0 && (demand.timestamps ?? 0) === 0;
  const [time = isTimeNeeded && isClockEnough ? { at, by: "clock" as const } : undefined] = proven;
  if (time === undefined && isTimeNeeded) return noTime(log.found);
  return {
    log: log.said,
    timestamp: timestamp.said,
    ...(time === undefined ? {} : { time }),
    root: { source: root.source, published: root.published, at },
    times: proven.length > 0 || time === undefined ? proven.map((one) => one.at) : [time.at],
  };
};

interface Found<T> {
  readonly found: readonly T[];
  readonly said: "not checked" | "absent" | readonly T[];
}

const provenLogs = (
  { input, signature, scheme, verifier }: ProvenSignature,
  root: TrustRoot,
  needed: number | undefined,
  times: readonly Date[],
): Found<VerifiedLogEntry> | Fault => {
  if (needed === undefined) return { found: [], said: "not checked" };
  const entries = input.carried?.logEntries ?? [];
  if (entries.length === 0) {
    return needed === 0 ? { found: [], said: "absent" } : { code: "log-missing", reason: "it has no log entry" };
  }
  const verified = verifyLogEntries(entries, { signature, verifier, scheme, content: input.content() }, [root], times);
  if (isFault(verified)) return verified;
  // What cannot be judged is not passed over: nobody knows what it would have said.
  const [unknown] = verified.unknown;
  if (unknown !== undefined) return unknown;
  if (verified.logs >= needed) return { found: verified.entries, said: verified.entries };
  const reason = `${verified.logs} distinct logs hold it; ${needed} are demanded`;
  return { code: "log-missing", reason };
};

const provenTimestamps = (
  { input, signature }: ProvenSignature,
  root: TrustRoot,
  needed: number | undefined,
): Found<VerifiedTimestamp> | Fault => {
  if (needed === undefined) return { found: [], said: "not checked" };
  const tokens = input.carried?.timestamps ?? [];
  if (tokens.length === 0) {
    if (needed === 0) return { found: [], said: "absent" };
    return { code: "timestamp-missing", reason: "it has no signed timestamp" };
  }
  const found: VerifiedTimestamp[] = [];
  for (const token of tokens) {
    const verified = verifyOver(token, input.stamped(signature), root);
    if (isFault(verified)) return verified;
    found.push(verified);
  }
  if (hasTwins(found)) return { code: "timestamp-duplicate", reason: "it has one timestamp twice" };
  const distinct = countParties(found.map(stampNames));
  if (distinct >= needed) return { found, said: found };
  const reason = `${distinct} distinct timestamp authorities stamped it; ${needed} are demanded`;
  return { code: "timestamp-missing", reason };
};

/** Not by all bytes of a token, some of which nobody signed. */
const hasTwins = (found: readonly VerifiedTimestamp[]): boolean =>
  new Set(found.map((one) => `${keyOf(one.path.certificates[0])} ${one.time.getTime()}`)).size < found.length;

const keyOf = (certificate: Certificate | undefined): string =>
  Buffer.from(certificate?.key.spki ?? []).toString("hex");

/** Who stamped it: whoever has the anchor's key can sign with as many others as are wanted. */
const stampNames = ({ authority, path: { certificates } }: VerifiedTimestamp): readonly string[] => [
  `authority ${authority}`,
  ...[certificates[0], certificates.at(-1)].map((one) => `key ${keyOf(one)}`),
];

/** A token over any of the texts; of several faults that of the usual one. */
const verifyOver = (token: Uint8Array, texts: readonly Uint8Array[], root: TrustRoot): VerifiedTimestamp | Fault => {
  let fault: Fault | undefined;
  for (const text of texts) {
    const verified = verifyTimestamp(token, text, [root]);
    if (!isFault(verified)) return verified;
    fault ??= verified;
  }
  return fault ?? { code: "timestamp-missing", reason: "there is nothing that was stamped" };
};

// Clocks of honest machines differ by seconds.
const SKEW_MS = 60_000;

interface ProvenTime {
  readonly at: Date;
  readonly by: "log" | "timestamp";
}

const futureTime = (proven: readonly ProvenTime[], at: Date): Fault | undefined => {
  const late = proven.find((one) => one.at.getTime() > at.getTime() + SKEW_MS);
  if (late === undefined) return undefined;
  const who = late.by === "log" ? "its log entry" : "its timestamp";
  return { code: "time-future", reason: `${who} is of ${late.at.toISOString()}, after ${at.toISOString()}` };
};

/** Where nothing proves a time, an entry without one of its own is held to that of verification. */
const outsideLog = (entries: readonly VerifiedLogEntry[], at: Date): Fault | undefined => {
  const outside = entries.find(({ log }) => !isWithin(log.window, at));
  if (outside === undefined) return undefined;
  const reason = `the key of its log ${outside.log.uri} does not count at ${at.toISOString()}, and nothing proves another time`;
  return { code: "log-window", reason };
};

const noTime = (entries: readonly VerifiedLogEntry[]): Fault => ({
  code: "no-time",
  reason:
    entries.length > 0
      ? "its log entry has no time, and no signed timestamp says when it was signed"
      : "nothing proves when it was signed: it has no log entry with a time and no signed timestamp",
});
