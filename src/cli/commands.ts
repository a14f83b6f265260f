import type { AnyCommand } from "#cli/command.ts";

/** A line of the command table: enough for the overview without loading the command. */
export interface CommandEntry {
  /** One word, or two for a member of a group. */
  readonly name: string;
  readonly group: "Papers" | "Keys" | "Registries" | "Program";
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: AnyCommand }>;
}

/** Every command, in the order of the overview. Each is a chunk of its own in the built program. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "version",
    group: "Program",
    summary: "say which version this is and what it runs on",
    load: () => import("#cli/command/version.ts"),
  },
];
