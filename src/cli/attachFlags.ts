import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";

/** Flags of every command that brings papers to an image. */
export const attachFlags = {
  ...flag.grouped("Papers", {
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    settle: flag.duration({
      value: "DURATION",
      default: "500ms",
      summary: "wait before the last look at written tags",
    }),
    dryRun: flag.toggle({ default: false, summary: "say what would be written, write nothing" }),
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
  }),
  ...registryFlags,
};
