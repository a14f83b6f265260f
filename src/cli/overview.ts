import type { CommandEntry } from "#cli/commands.ts";

/** The help without a command: all commands by group, or the members of one (`registry`). */
export const overview = (commands: readonly CommandEntry[], prefix: string | undefined): string => {
  const shown = prefix === undefined ? commands : commands.filter(({ name }) => name.startsWith(`${prefix} `));
  const listed = prefix === undefined ? shown.filter(({ hidden }) => hidden !== true) : shown;
  const width = Math.max(...listed.map(({ name }) => name.length));
  const blocks = Map.groupBy(listed, ({ group }) => group)
    .entries()
    .map(
      ([group, entries]) =>
        `${group}:\n${entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`).join("")}`,
    )
    .toArray();
  return prefix === undefined ? `${HEAD}\n${blocks.join("\n")}\n${FOOT}` : `${blocks.join("\n")}\n${FOOT}`;
};

const HEAD = `Waybill issues, carries, checks and proves the papers of container images.

Usage: waybill COMMAND [flags] [arguments]
`;

const FOOT = `Run waybill COMMAND --help for its flags and examples.
`;
