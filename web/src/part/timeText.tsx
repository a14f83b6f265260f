import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { ago, exactTime } from "../shortText.ts";

const MINUTE_MS = 60_000;
const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, MINUTE_MS);

/** How long ago something was, and on a second look when exactly. */
export const TimeText = ({ time, exact }: { readonly time: string; readonly exact?: boolean }): JSX.Element => (
  <time dateTime={time} title={exactTime(time)}>
    {exact ? exactTime(time) : ago(time, Math.max(now.value, Date.now()))}
  </time>
);
