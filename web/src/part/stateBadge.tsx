import type { JSX } from "preact";
import type { StateWords } from "../stateWords.ts";
import { Icon } from "./icon.tsx";

/** A state in words, with its mark and colour. */
export const StateBadge = ({ words }: { readonly words: StateWords }): JSX.Element => (
  <span class="badge" data-tone={words.tone}>
    <Icon name={words.tone} />
    {words.text}
  </span>
);
