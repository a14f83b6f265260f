import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";
import { readHexDigest } from "#cli/readHexDigest.ts";
import { WaybillError } from "#core/errors.ts";

const PUBLIC = "https://tuf-repo-cdn.sigstore.dev";
const STAGING = "https://tuf-repo-cdn.sigstage.dev";

export const command = defineCommand({
  positionals: [],
  description:
    "Asks a TUF mirror whom to trust about certificates, logs and times, verifies what it says from its root on, keeps it, and takes that mirror from now on. Verification with keys never needs it, nor does --trusted-root.",
  flags: {
    mirror: flag.text({ value: "URL|DIR", summary: `TUF mirror, or a copy of one in a directory (${PUBLIC})` }),
    root: flag.text({
      value: "FILE|URL",
      summary: "TUF root that the mirror is believed for; else the embedded one of Sigstore",
    }),
    rootChecksum: flag.text({ value: "SHA256", summary: "what the root must be; required for a URL" }),
    staging: flag.toggle({ default: false, summary: "Sigstore's staging instance" }),
  },
  examples: [
    ["waybill initialize", "Sigstore's public instance"],
    ["waybill initialize --mirror https://tuf.example --root root.json", "an instance of your own"],
    ["waybill initialize --mirror /mnt/tuf --root root.json", "its copy behind an air gap"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    if (flags.staging && (flags.mirror !== undefined || flags.root !== undefined))
      throw new WaybillError("USAGE_INVALID", "--staging names its mirror and its root itself", {
        hint: "Leave out --mirror and --root, or --staging.",
      });
    if (flags.rootChecksum !== undefined && flags.root === undefined)
      throw new WaybillError("USAGE_INVALID", "--root-checksum is of a root, and --root names none");
    const trust = await deps.initializeTuf(ctx, {
      mirror: flags.mirror ?? (flags.staging ? STAGING : PUBLIC),
      root: flags.root,
      rootChecksum: flags.rootChecksum === undefined ? undefined : readHexDigest(flags.rootChecksum, "--root-checksum"),
    });
    io.note(`trusted from now on: what ${printable(trust.mirror)} says`);
    io.note(`  root version ${trust.rootVersion}, until ${trust.rootExpires.toISOString()}`);
    io.note(`  to be asked again before ${trust.timestampExpires.toISOString()}`);
    io.note(`  kept in ${printable(trust.directory)}`);
    return 0;
  },
});
