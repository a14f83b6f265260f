import type { JSX } from "preact";
import type { Tone } from "../stateWords.ts";

const PATHS: Readonly<Record<Tone | "copy" | "save" | "outside", string>> = {
  good: "M3.5 8.5l3 3 6-7",
  calm: "M4 8h8",
  busy: "M8 3a5 5 0 1 0 5 5",
  warn: "M8 3.5v5.5M8 11.8v.7",
  bad: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  copy: "M6 6h7v7H6zM3 10V3h7",
  save: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13.5h10",
  outside: "M6.5 3.5H3.5v9h9v-3M9 3.5h3.5V7M12.5 3.5L7.5 8.5",
};

/** A drawn sign beside words that say the same; screen readers pass over it. */
export const Icon = ({ name }: { readonly name: keyof typeof PATHS }): JSX.Element => (
  <svg class="icon" data-icon={name} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
    <path
      d={PATHS[name]}
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);
