import { paintFor } from "#cli/paint.ts";
import type { Paint } from "#cli/paint.ts";
import { printable, printableLines } from "#cli/printable.ts";
import type { Terminal } from "#cli/terminal.ts";

/** stderr as lines that stay and, on a terminal, one last line that changes. */
export interface Screen {
  /** A line that stays. `label` is ours and may be coloured; `text` may be anybody's. */
  readonly line: (label: string, text: string) => void;
  /** Replaces the changing line; nothing where stderr is no terminal. */
  readonly live: (text: string) => void;
  /** Removes the changing line. */
  readonly clear: () => void;
  readonly paint: Paint;
}

const ERASE_LINE = "\r\u001b[K";

export const openScreen = ({ stderr, env }: Terminal): Screen => {
  let shown = "";
  const write = (text: string): void => void stderr.write(text);
  const clear = (): void => {
    if (shown !== "") write(ERASE_LINE);
    shown = "";
  };
  return {
    line: (label, text) => {
      const before = shown;
      // Further lines are set in, so that nobody's text can pass for a line of ours.
      const lines = `${label}${printableLines(text).replaceAll("\n", "\n  ")}\n`;
      write(before === "" ? lines : `${ERASE_LINE}${lines}${before}`);
    },
    live: (text) => {
      if (!stderr.isTerminal) return;
      // One column stays free: a full line wraps on some terminals and could then not be erased.
      const next = printable(text).slice(0, Math.max(0, stderr.columns() - 1));
      if (next !== shown) write(`${ERASE_LINE}${next}`);
      shown = next;
    },
    clear,
    paint: paintFor(stderr, env),
  };
};
