import type { JSX } from "preact";
import { heardAt, liveState } from "../liveEvents.ts";
import { exactTime } from "../shortText.ts";

const WORDS = { live: "Live", connecting: "Connecting", refused: "Not live", lost: "Offline" } as const;

/** Whether changes show up at once. */
export const LiveMark = (): JSX.Element => (
  <span class="live" data-live={liveState.value} title="Whether changes show up here at once">
    {WORDS[liveState.value]}
  </span>
);

/** Says it where what is shown may no longer be so; empty while it is. */
export const OfflineNotice = (): JSX.Element => (
  <div class="offline" role="status">
    {liveState.value === "lost" ? (
      <p>The service cannot be reached. {sinceWords(heardAt.value)} This page goes on by itself once it is back.</p>
    ) : null}
    {liveState.value === "refused" ? (
      <p>Changes do not show up by themselves now: the service has too many open pages to tell. Close some of them.</p>
    ) : null}
  </div>
);

const sinceWords = (heard: number | undefined): string =>
  heard === undefined
    ? "Nothing has been heard of it yet."
    : `What you see is as of ${exactTime(new Date(heard).toISOString())}.`;
