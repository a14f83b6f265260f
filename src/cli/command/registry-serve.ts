import { aborted } from "#cli/aborted.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { required } from "#cli/paperFlags.ts";
import { readListen } from "#cli/readListen.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "An OCI registry in this process: push, pull, tags, referrers, deletes. What it acknowledged survives a crash. It keeps each repository as an OCI layout below --dir and runs until it is interrupted.",
  timeout: "0",
  flags: {
    dir: flag.text({ value: "DIR", summary: "where everything is kept; created when missing" }),
    listen: flag.text({
      value: "HOST:PORT",
      default: "127.0.0.1:5000",
      summary: "loopback address; port 0 takes a free one",
    }),
  },
  examples: [
    ["waybill registry serve --dir ./registry", "on 127.0.0.1:5000"],
    ["waybill registry serve --dir ./registry --listen 127.0.0.1:0", "on a free port, which it prints"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const registry = await deps.startRegistry(ctx, {
      dir: required(flags.dir, "--dir", "Give the directory that keeps everything; it is created when missing."),
      listen: readListen(flags.listen, "--listen"),
    });
    try {
      await io.print(`listening on ${registry.url}\n`);
      await aborted(ctx.signal);
      return 0;
    } finally {
      await registry.close();
    }
  },
});
