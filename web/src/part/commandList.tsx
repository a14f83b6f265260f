import type { JSX } from "preact";
import type { Command } from "../commands.ts";
import { CopyButton } from "./copyButton.tsx";

/** Commands to run elsewhere, each with its purpose. */
export const CommandList = ({ commands }: { readonly commands: readonly Command[] }): JSX.Element => (
  <ol class="commands">
    {commands.map(({ title, text }) => (
      <li key={title}>
        <p>{title}</p>
        <div class="code">
          <pre tabIndex={0} aria-label={title}>
            <code>{text}</code>
          </pre>
          <CopyButton text={text} what={`command: ${title}`} />
        </div>
      </li>
    ))}
  </ol>
);
