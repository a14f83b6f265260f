import { aborted } from "#cli/aborted.ts";
import type { QuickstartEvent } from "#app/quickstart.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { nextCommands, quickstartLines } from "#cli/render/quickstart.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", optional: true }],
  description:
    "A registry on loopback, a real image made of real files (or REF, which is only read), a key pair, papers, their verification, and three tamperings that are refused. Without --keep it leaves nothing behind.",
  timeout: "30m",
  flags: {
    keep: flag.toggle({
      default: false,
      summary: "leave the registry up, with image, papers and keys, until interrupted",
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill quickstart", "on an image of this program itself"],
    ["waybill quickstart --keep", "and then try commands on it"],
    ["waybill quickstart registry.example/app:1.0", "on an image of yours"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const tell = async (event: QuickstartEvent): Promise<void> => {
      for (const line of quickstartLines(event, io.paint)) await io.print(`${line}\n`);
    };
    const tour = await deps.startQuickstart(ctx, flags, args[0]);
    try {
      await io.print(
        `${io.paint("bold", "A registry of your own")}\n  listening on ${tour.url}, everything below ${tour.dir}\n`,
      );
      for (const note of tour.notes) io.note(note);
      const signed = await tour.run(ctx, tell);
      for (const line of nextCommands({ ...tour, signed, keep: flags.keep }, io.paint)) await io.print(`${line}\n`);
      if (flags.keep) await aborted(ctx.signal);
      return 0;
    } finally {
      await tour.close();
    }
  },
});
