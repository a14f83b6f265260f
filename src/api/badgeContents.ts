import { digestOf } from "#core/digest.ts";
import { BADGE_COLOURS, badgeSvg } from "#api/badgeSvg.ts";
import type { Content } from "#api/reply.ts";

type BadgeName = keyof typeof BADGE_COLOURS;
type BadgeContent = Omit<Content, "cache">;

const LABEL = "papers";

const contentOf = (mediaType: string, bytes: string): BadgeContent => ({ mediaType, bytes, digest: digestOf(bytes) });

const draw = (state: BadgeName): BadgeContent =>
  contentOf("image/svg+xml", badgeSvg(LABEL, state, BADGE_COLOURS[state]));

const tell = (state: BadgeName): BadgeContent => {
  const badge = { schemaVersion: 1, label: LABEL, message: state, color: BADGE_COLOURS[state], state };
  return contentOf("application/json", JSON.stringify(badge));
};

const both = (state: BadgeName): Readonly<Record<"svg" | "json", BadgeContent>> => ({
  svg: draw(state),
  json: tell(state),
});

/** What badges say, in both forms: made once, since there are a dozen and pages ask for them all the time. */
export const BADGE_CONTENTS: Readonly<Record<BadgeName, ReturnType<typeof both>>> = {
  signed: both("signed"),
  "not signed yet": both("not signed yet"),
  signing: both("signing"),
  failed: both("failed"),
  "signing unavailable": both("signing unavailable"),
  unknown: both("unknown"),
};
