import type { ContentList } from "#app/listContent.ts";
import { listImages } from "#app/listImages.ts";
import { listIndex } from "#app/listIndex.ts";
import type { IndexListDeps } from "#app/listIndex.ts";
import { readBase } from "#app/readBase.ts";
import { resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { indexFileLines } from "#cli/render/indexFileLines.ts";
import { packageTable } from "#cli/render/packageTable.ts";
import { SBOM_FORMATS, readSbomFormat, sbomFlags } from "#cli/sbomFlags.ts";
import { readScanManner, scanFlags } from "#cli/scanFlags.ts";
import { warnOfGaps } from "#cli/warnOfGaps.ts";
import type { Ctx } from "#core/ctx.ts";
import { parseReference } from "#core/reference.ts";
import { WaybillError } from "#core/errors.ts";

// Small images are mostly waiting; the layers of all share the threads.
const IMAGES_AT_ONCE = 4;
// Forms that are no documents.
const LISTS = ["table", "purls"];

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Lists what is really in the layers of an image, in one pass and without temporary files. The same image gives the same bytes every time; SOURCE_DATE_EPOCH sets the document's time, else the image's own is taken.",
  timeout: "30m",
  flags: {
    format: flag.text({
      value: "FORMAT",
      default: "cyclonedx-json@1.6",
      suggests: [...SBOM_FORMATS, ...LISTS],
      summary: "cyclonedx-json@1.6, @1.5, @1.4, table or purls",
    }),
    output: flag.text({
      short: "o",
      value: "FILE",
      summary: "write here instead of stdout; of several images, a folder",
    }),
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image; all: each, and the index itself" }),
    base: sbomFlags.base,
    ...scanFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill sbom registry.example/app:1.0 > sbom.json", "CycloneDX 1.6"],
    ["waybill sbom --format table --platform linux/arm64 registry.example/app:1.0", "for people"],
    ["waybill sbom -o sboms registry.example/app:1.0 registry.example/db:2.1", "of several images, into a folder"],
    [
      "waybill sbom --platform all -o sboms registry.example/app:1.0",
      "of an index: each image and the index, into a folder",
    ],
    [
      "waybill sbom --format cyclonedx-json@1.4 -o sbom.json oci:./layout:1.0",
      "an older version of the format, from a layout",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseFormatAsFile(flags.output);
    const list = flags.format === "table" || flags.format === "purls" ? flags.format : undefined;
    const format = list === undefined ? readSbomFormat(flags.format, LISTS) : "1.6";
    const folder = readFolder(flags, list, args.length);
    const baseReference = flags.base === undefined ? undefined : parseReference(flags.base);
    await using lister = deps.openContentLister(readScanManner(flags, true));
    const repositories = await deps.openRepositories(flags, [
      ...args,
      ...(flags.base === undefined ? [] : [flags.base]),
    ]);
    const resolve = async (inner: Ctx, text: string, platform: string | undefined): Promise<ResolvedImage> =>
      resolveImage({ repositories })(inner, { reference: parseReference(text), access: "read", platform });
    const resolveOne = async (inner: Ctx, text: string): Promise<ResolvedImage> =>
      refuseIndex(await resolve(inner, text, flags.platform), text);
    const listOne = async (inner: Ctx, one: ResolvedImage): Promise<ContentList> => {
      const base = baseReference && (await readBase({ repositories })(inner, baseReference, one));
      return lister.list(inner, one, format, base);
    };
    if (folder !== undefined) {
      const describe: IndexListDeps["describe"] = (inner, index, made) => lister.describe(inner, index, made, format);
      const files =
        flags.platform === "all"
          ? await listIndex({ list: listOne, describe })(ctx, await resolve(ctx, args[0] ?? "", undefined))
          : await listImages({ resolve: resolveOne, list: listOne })(ctx, args, IMAGES_AT_ONCE);
      for (const { name, unknowns } of files) warnOfGaps(io, unknowns, name);
      await deps.writeFolder(ctx, folder, files);
      for (const line of files.flatMap(indexFileLines)) io.note(line);
      return 0;
    }
    const made = await listOne(ctx, await resolveOne(ctx, args[0] ?? ""));
    warnOfGaps(io, made.unknowns);
    const bytes = list === undefined ? made.document : Buffer.from(packageTable(made.packages, list));
    if (flags.output === undefined) await io.print(bytes);
    else await deps.writeOutput(ctx, flags.output, bytes);
    return 0;
  },
});

const refuseIndex = (image: ResolvedImage, text: string): ResolvedImage => {
  if (image.manifest.kind !== "index") return image;
  throw new WaybillError("USAGE_INVALID", `${text} is an index of several images`, {
    hint: "Choose one with --platform os/architecture, or list all with --platform all -o FOLDER.",
  });
};

/** The folder for all documents, of an index or of several references; undefined where one image is meant. */
const readFolder = (
  { platform, output }: { readonly platform: string | undefined; readonly output: string | undefined },
  list: string | undefined,
  references: number,
): string | undefined => {
  if (platform !== "all" && references === 1) return undefined;
  const what = platform === "all" ? "--platform all" : `a list of ${references} images`;
  if (platform === "all" && references > 1)
    throw new WaybillError("USAGE_INVALID", "--platform all is for one index at a time");
  if (list !== undefined) throw new WaybillError("USAGE_INVALID", `${what} is written as documents, not as ${list}`);
  if (output !== undefined) return output;
  throw new WaybillError("USAGE_INVALID", `${what} makes several documents`, {
    hint: "Name a folder for them with -o FOLDER.",
  });
};

/** With every other command, and with other programs' `sbom`, -o names a format: a file called json helps nobody. */
const refuseFormatAsFile = (path: string | undefined): void => {
  if (path === undefined || !/^(?:json|text|table|purls|(?:cyclonedx|spdx)[^./]*)$/.test(path)) return;
  throw new WaybillError("USAGE_INVALID", `--output ${path}: this flag names the file to write`, {
    hint: `Choose the form with --format; for a file of this name write ./${path}.`,
  });
};
