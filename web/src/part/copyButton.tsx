import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { announce } from "./announcer.tsx";
import { Icon } from "./icon.tsx";

interface CopyButtonProps {
  readonly text: string;
  /** What it is, for the button's name. */
  readonly what: string;
}

const SHOWN_MS = 2000;

/** Copies `text` as it is. */
export const CopyButton = ({ text, what }: CopyButtonProps): JSX.Element => {
  const [done, setDone] = useState<"copied" | "failed" | undefined>();
  const copy = async (): Promise<void> => {
    const copied = await writeClipboard(text);
    announce(copied ? `Copied ${what}` : `Could not copy ${what}: select the text instead`);
    setDone(copied ? "copied" : "failed");
    setTimeout(() => setDone(undefined), SHOWN_MS);
  };
  return (
    <button
      type="button"
      class="quiet copy"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copy()}
    >
      <Icon name={done === "copied" ? "good" : done === "failed" ? "bad" : "copy"} />
    </button>
  );
};

/** Whether it worked: over plain http from another machine there is no clipboard, and a person may refuse it. */
const writeClipboard = async (text: string): Promise<boolean> => {
  if (!globalThis.isSecureContext) return false;
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
};
