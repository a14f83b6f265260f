import { aborted } from "#cli/aborted.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { required } from "#cli/paperFlags.ts";
import { WaybillError } from "#core/errors.ts";

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
      listen: readListen(flags.listen),
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

const readListen = (text: string): { readonly host: string; readonly port: number } => {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new WaybillError(
      "USAGE_INVALID",
      `--listen ${JSON.stringify(text.slice(0, 120))} is not of the form HOST:PORT`,
      { hint: "Write a loopback address and a port, such as 127.0.0.1:5000; port 0 takes a free one." },
    );
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
};
