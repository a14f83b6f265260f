import type { Build, BuildState } from "#records/build.ts";

/** What a badge says; only `failed` is alarming, since a build without papers yet is an ordinary thing (builders.md A19). */
export type BadgeState = "signed" | "not signed yet" | "signing" | "failed" | "signing unavailable" | "unknown";

const BADGES: Readonly<Record<BuildState, BadgeState>> = {
  pending: "not signed yet",
  running: "signing",
  // Done, and yet no signature by a key of the service is known: nobody can say what became of it.
  done: "unknown",
  failed: "failed",
  skipped: "not signed yet",
  signing_unavailable: "signing unavailable",
};

/** `signed`: see `isSigned`. A build that is there no longer, or was never there, is unknown. */
export const badgeOf = ({
  build,
  signed,
}: {
  readonly build: Build | undefined;
  readonly signed: boolean;
}): BadgeState => {
  if (build === undefined) return "unknown";
  return signed ? "signed" : BADGES[build.state];
};
