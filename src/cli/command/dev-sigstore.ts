import { aborted } from "#cli/aborted.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readListen } from "#cli/readListen.ts";
import { devSigstoreLines } from "#cli/render/devSigstore.ts";

const NOTICE = "for trying and testing only: anybody on this machine gets any identity from it, yours too";

export const command = defineCommand({
  positionals: [],
  description:
    "A true Sigstore in this process, on loopback alone: issuer of identity tokens, Fulcio, certificate log, Rekor v1 and v2, timestamp authority and TUF repository. It writes what clients need into --dir, prints the commands to use, and runs until it is interrupted. Keys and logs live in memory: the next start is another Sigstore.",
  timeout: "0",
  drains: true,
  flags: {
    listen: flag.text({
      value: "HOST:PORT",
      default: "127.0.0.1:8610",
      summary: "a loopback address; port 0 takes a free one",
    }),
    dir: flag.text({
      value: "DIR",
      summary: "where trusted root, signing configs and TUF root go; a temporary directory when not given",
    }),
  },
  examples: [
    ["waybill dev-sigstore", "on 127.0.0.1:8610, files in a temporary directory"],
    ["waybill dev-sigstore --listen 127.0.0.1:0 --dir ./sigstore", "on a free port, files in ./sigstore"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const listen = readListen(flags.listen, "--listen");
    const sigstore = await deps.startDevSigstore(ctx, { listen, dir: flags.dir });
    try {
      io.warn(NOTICE);
      await io.print(devSigstoreLines(sigstore, io.paint).join("\n") + "\n");
      await aborted(ctx.signal);
      return 0;
    } finally {
      await sigstore.close();
    }
  },
});
