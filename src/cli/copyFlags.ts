import { flag } from "#cli/flag.ts";

/** Flags of every command that copies images. */
export const copyFlags = {
  force: flag.toggle({
    short: "f",
    default: false,
    summary: "move a tag of DST that names another image; send again what is there",
  }),
  dryRun: flag.toggle({ default: false, summary: "say what would be copied, write nothing" }),
  maxWorkers: flag.count({ value: "N", default: 10, min: 1, max: 100, summary: "images under way at once" }),
  settle: flag.duration({ value: "DURATION", default: "500ms", summary: "wait before the last look at merged tags" }),
  output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
};
