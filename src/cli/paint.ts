import type { Output, Terminal } from "#cli/terminal.ts";

// ECMA-48, section 8.3.117 (SGR): code that switches on, code that switches off.
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Text in a style where the output shows colours, else the text alone. */
export type Paint = (style: keyof typeof STYLES, text: string) => string;

/** Colours only on a terminal, and never with NO_COLOR (https://no-color.org) or TERM=dumb. */
export const paintFor = (output: Output, env: Terminal["env"]): Paint => {
  const plain = !output.isTerminal || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  if (plain) return (_, text) => text;
  return (style, text) => `\u001b[${STYLES[style][0]}m${text}\u001b[${STYLES[style][1]}m`;
};
