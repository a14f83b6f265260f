import type { JSX } from "preact";
import type { KeyStateOf } from "../useKeyStates.ts";
import { DigestText } from "./digestText.tsx";

interface KeyNameProps {
  readonly id: string;
  readonly state: ReturnType<KeyStateOf>;
}

const WORDS = { current: "in use", retired: "retired" } as const;

/** A key by its id, and whether the service signs with it still. */
export const KeyName = ({ id, state }: KeyNameProps): JSX.Element => (
  <span class="key-name">
    <DigestText digest={id} what="key id" />
    {state === undefined ? null : <span class="dim unbroken">{WORDS[state]}</span>}
  </span>
);
