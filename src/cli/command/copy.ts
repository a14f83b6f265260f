import { copyImages } from "#app/copyImages.ts";
import type { CopyLine } from "#app/copyImages.ts";
import { defineCommand } from "#cli/command.ts";
import { ONLY_WORDS, readOnly } from "#cli/copyOnly.ts";
import { copyFlags } from "#cli/copyFlags.ts";
import type { Deps } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import { readCopyMap } from "#cli/readCopyMap.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { writeCopies } from "#cli/writeCopies.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [
    { name: "SRC", optional: true },
    { name: "DST", optional: true },
  ],
  description:
    "Copies an image, of an index every image in it, and all papers of each: cosign's .sig, .att and .sbom tags, referrers, and papers of papers. SRC and DST are registries, OCI layouts or archives of one. What DST has is kept and not sent again, so an interrupted run is completed by running it once more; the tag is written last.",
  timeout: "0",
  flags: {
    ...flag.grouped("Copy", {
      only: flag.list({
        value: "PAPERS",
        separator: ",",
        suggests: ONLY_WORDS,
        summary: "leave the image, copy only its papers: all of them, or some of sig, att, sbom, other",
      }),
      sigOnly: flag.toggle({ default: false, hidden: true, summary: "the same as --only sig" }),
      platform: flag.text({ value: "OS/ARCH", summary: "of an index, only this image and its papers" }),
      fromFile: flag.text({ value: "FILE", summary: "copy many: a line SRC DST each, # for comments, - for stdin" }),
      ...copyFlags,
    }),
    ...registryFlags,
  },
  examples: [
    ["waybill copy registry.example/app:1.0 mirror.example/app:1.0", "from registry to registry"],
    ["waybill copy registry.example/app:1.0 oci:app.tar.zst", "into an archive, to be carried elsewhere"],
    ["waybill copy --only papers registry.example/app:1.0 mirror.example/app:1.0", "what was signed since"],
    ["waybill copy --from-file images.txt --max-workers 20", "a mirror run"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const lines = await readLines(io, ctx, deps, args, flags.fromFile);
    const outcomes = await copyImages({
      repositories: await deps.openRepositories(
        flags,
        lines.flatMap(({ from, to }) => [from, to]),
      ),
    })(ctx, {
      ...flags,
      lines,
      only: readOnly(flags.sigOnly ? ["sig", ...flags.only] : flags.only),
      settleMs: flags.settle,
    });
    return writeCopies(io, outcomes, flags);
  },
});

const readLines = async (
  io: Io,
  ctx: Ctx,
  deps: Deps,
  [from, to]: readonly string[],
  file: string | undefined,
): Promise<readonly CopyLine[]> => {
  if (file !== undefined && from === undefined) return readCopyMap(await deps.readInput(ctx, file, io.readStdin), file);
  if (file === undefined && from !== undefined && to !== undefined) return [{ from, to }];
  throw new WaybillError("USAGE_INVALID", "copy takes SRC and DST, or --from-file FILE", {
    hint: "For one image: waybill copy SRC DST. For many: a file with a line SRC DST each.",
  });
};
