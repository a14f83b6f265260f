import type { JSX } from "preact";
import { CopyButton } from "./copyButton.tsx";

interface CopiedCodeProps {
  readonly text: string;
  readonly what: string;
  /** On one line, as much of it as there is room for. */
  readonly line?: boolean;
}

/** Exact text that people take elsewhere. */
export const CopiedCode = ({ text, what, line }: CopiedCodeProps): JSX.Element => (
  <span class="digest" data-line={line}>
    <code title={line ? text : undefined}>{text}</code>
    <CopyButton text={text} what={what} />
  </span>
);
