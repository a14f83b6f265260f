import { WaybillError } from "#core/errors.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";
import type { TrustRoot, Window } from "#trust/trustRoot.ts";

/** What a verification needs somebody to be trusted for. */
export type TrustPart = "certificates" | "certificate logs" | "signature logs" | "timestamps";

const MEMBERS = {
  certificates: "certificateAuthorities",
  "certificate logs": "ctLogs",
  "signature logs": "logs",
  timestamps: "timestampAuthorities",
} as const satisfies Readonly<Record<TrustPart, keyof TrustRoot>>;

/**
 * Refuses roots with which nothing could ever be verified, so that nobody is told "no" for want of a root: TRUST_INVALID where
 * no root names anybody for a needed part, TRUST_EXPIRED where all whom the roots name, for whatever, ended before `at`.
 * Whether one of them counted when something was signed is for the verification to say.
 */
export const demandTrust = (roots: readonly TrustRoot[], needed: readonly TrustPart[], at: Date): void => {
  const sources = roots.map(({ source }) => source).join(", ");
  for (const part of needed) {
    if (roots.every((root) => root[MEMBERS[part]].length === 0)) {
      throw trustFlaw(
        "empty",
        `${sources === "" ? "no trusted root is given, so nobody" : `${sources}: nobody`} is trusted for ${part}`,
      );
    }
  }
  const windows = roots.flatMap(windowsOf);
  const last = Math.max(...windows.map(({ end }) => end?.getTime() ?? Number.POSITIVE_INFINITY));
  if (windows.length === 0 || last >= at.getTime()) return;
  const ended = new Date(last).toISOString();
  throw new WaybillError("TRUST_EXPIRED", `${sources}: all of it ended by ${ended}, and it is ${at.toISOString()}`, {
    hint: "Get the current trusted root, or say with --at as of when is meant.",
    details: { ended },
  });
};

const windowsOf = (root: TrustRoot): readonly Window[] =>
  Object.values(MEMBERS).flatMap((member) => root[member].map(({ window }) => window));

/** TRUST_STALE for a root older than it may be; one that says nothing of its age is too old (attack 53). */
export const demandFresh = ({ source, published }: TrustRoot, maxAgeMs: number, at: Date): void => {
  if (published === undefined) {
    throw new WaybillError("TRUST_STALE", `${source}: nobody says how old it is`);
  }
  const age = at.getTime() - published.getTime();
  if (age <= maxAgeMs) return;
  throw new WaybillError(
    "TRUST_STALE",
    `${source}: ${describeAge(age)} old, at most ${describeAge(maxAgeMs)} are allowed`,
    {
      details: { published: published.toISOString() },
    },
  );
};

const HOUR_MS = 3_600_000;

const describeAge = (ms: number): string => {
  const hours = Math.floor(ms / HOUR_MS);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours === 1 ? "1 hour" : `${hours} hours`;
};
