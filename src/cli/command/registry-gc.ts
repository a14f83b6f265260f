import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { formatBytes } from "#cli/formatBytes.ts";
import { required } from "#cli/paperFlags.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "Removes from a registry's directory what no manifest needs: blobs of deleted images and of pushes that never ended. Never what a manifest, or a paper on it, still names. The registry may be running.",
  timeout: "0",
  flags: {
    dir: flag.text({ value: "DIR", summary: "the directory that registry serve was given" }),
    dryRun: flag.toggle({ default: false, summary: "only say what would be removed" }),
    deleteUntagged: flag.toggle({
      default: false,
      summary: "also remove images that no tag leads to, with their papers",
    }),
    grace: flag.duration({
      value: "DURATION",
      default: "1h",
      summary: "keep what is younger: a push may be under way that needs it",
    }),
  },
  examples: [
    ["waybill registry gc --dir ./registry --dry-run", "what could go"],
    ["waybill registry gc --dir ./registry --delete-untagged", "also images whose tag was moved on"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const found = await deps.collectGarbage(ctx, {
      dir: required(flags.dir, "--dir", "Give the directory that registry serve was given."),
      dryRun: flags.dryRun,
      deleteUntagged: flags.deleteUntagged,
      graceMs: flags.grace,
    });
    let [manifests, blobs, bytes, exitCode] = [0, 0, 0, 0];
    for await (const one of found) {
      if (one.failure !== undefined) {
        io.fail(one.failure);
        io.warn(`${one.name}: nothing was removed there`);
        exitCode ||= one.failure.exitCode;
      }
      if (one.blobs > 0 || one.manifests > 0)
        await io.print(
          `${one.name}: ${counted(one.manifests, "manifest")}, ${counted(one.blobs, "blob")}, ${formatBytes(one.bytes)}\n`,
        );
      manifests += one.manifests;
      blobs += one.blobs;
      bytes += one.bytes;
    }
    const done = flags.dryRun ? "would remove" : "removed";
    await io.print(`${done} ${counted(manifests, "manifest")} and ${counted(blobs, "blob")}, ${formatBytes(bytes)}\n`);
    return exitCode;
  },
});

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
