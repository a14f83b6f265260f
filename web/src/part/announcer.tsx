import { signal } from "@preact/signals";
import type { JSX } from "preact";

const words = signal("");

/** Says something to people who listen to the page. */
export const announce = (text: string): void => {
  // The same words twice would be no change, and no change is not read out.
  words.value = text === words.peek() ? `${text}\u00a0` : text;
};

export const Announcer = (): JSX.Element => (
  <div class="unseen" role="status" aria-live="polite">
    {words.value}
  </div>
);
