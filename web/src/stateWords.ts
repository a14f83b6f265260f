import type { Badge, Build, Job, Operation } from "./apiTypes.ts";

/** How a state looks; each tone has its own mark, so that colour never speaks alone. */
export type Tone = "good" | "calm" | "busy" | "warn" | "bad";

export interface StateWords {
  readonly tone: Tone;
  readonly text: string;
}

export type AnyState = Build["state"] | Operation["state"] | Job["state"];

const STATES: Readonly<Record<AnyState, StateWords>> = {
  pending: { tone: "calm", text: "Pending" },
  running: { tone: "busy", text: "Running" },
  done: { tone: "good", text: "Done" },
  failed: { tone: "bad", text: "Failed" },
  skipped: { tone: "calm", text: "Skipped" },
  signing_unavailable: { tone: "warn", text: "Signing unavailable" },
  cancelled: { tone: "calm", text: "Cancelled" },
  queued: { tone: "calm", text: "Queued" },
  leased: { tone: "busy", text: "At work" },
  dead: { tone: "bad", text: "Given up" },
};

export const stateWords = (state: AnyState): StateWords => STATES[state];

// A bare "verified" is read as "safe" (evidence.md 3.2): the words say what was confirmed and nothing more.
const BADGES: Readonly<Record<Badge["state"], StateWords>> = {
  signed: { tone: "good", text: "Signature confirmed" },
  "not signed yet": { tone: "calm", text: "Not signed yet" },
  signing: { tone: "busy", text: "Signing" },
  failed: { tone: "bad", text: "Failed" },
  "signing unavailable": { tone: "warn", text: "Signing unavailable" },
  unknown: { tone: "calm", text: "Unknown" },
};

export const badgeWords = (state: Badge["state"]): StateWords => BADGES[state];

/** What a build that is being looked up says meanwhile: its work, nothing of its signature. */
export const waitingWords = (state: Build["state"]): StateWords =>
  state === "done" ? { tone: "calm", text: "Papers issued" } : badgeWords(BADGE_OF[state]);

const BADGE_OF: Readonly<Record<Exclude<Build["state"], "done">, Badge["state"]>> = {
  pending: "not signed yet",
  running: "signing",
  failed: "failed",
  skipped: "not signed yet",
  signing_unavailable: "signing unavailable",
};
