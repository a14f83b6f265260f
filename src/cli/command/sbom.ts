import type { ContentList } from "#app/listContent.ts";
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

// Forms that are no documents.
const LISTS = ["table", "purls"];

export const command = defineCommand({
  positionals: [{ name: "REF" }],
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
    output: flag.text({ short: "o", value: "FILE", summary: "write here instead of stdout; of all images, a folder" }),
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image; all: each, and the index itself" }),
    base: sbomFlags.base,
    ...scanFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill sbom registry.example/app:1.0 > sbom.json", "CycloneDX 1.6"],
    ["waybill sbom --format table --platform linux/arm64 registry.example/app:1.0", "for people"],
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
    const folder = readFolder(flags, list);
    const reference = parseReference(args[0] ?? "");
    const baseReference = flags.base === undefined ? undefined : parseReference(flags.base);
    await using lister = deps.openContentLister(readScanManner(flags, true));
    const repositories = await deps.openRepositories(flags, [
      ...args,
      ...(flags.base === undefined ? [] : [flags.base]),
    ]);
    const platform = folder === undefined ? flags.platform : undefined;
    const image = await resolveImage({ repositories })(ctx, { reference, access: "read", platform });
    const listOne = async (inner: Ctx, one: ResolvedImage): Promise<ContentList> => {
      const base = baseReference && (await readBase({ repositories })(inner, baseReference, one));
      return lister.list(inner, one, format, base);
    };
    if (folder !== undefined) {
      const describe: IndexListDeps["describe"] = (inner, index, made) => lister.describe(inner, index, made, format);
      const files = await listIndex({ list: listOne, describe })(ctx, image);
      for (const { unknowns } of files) warnOfGaps(io, unknowns);
      await deps.writeFolder(ctx, folder, files);
      for (const line of files.flatMap(indexFileLines)) io.note(line);
      return 0;
    }
    if (image.manifest.kind === "index") {
      throw new WaybillError("USAGE_INVALID", `${args[0]} is an index of several images`, {
        hint: "Choose one with --platform os/architecture, or list all with --platform all -o FOLDER.",
      });
    }
    const made = await listOne(ctx, image);
    warnOfGaps(io, made.unknowns);
    const bytes = list === undefined ? made.document : Buffer.from(packageTable(made.packages, list));
    if (flags.output === undefined) await io.print(bytes);
    else await deps.writeOutput(ctx, flags.output, bytes);
    return 0;
  },
});

/** The folder for all documents of an index; undefined where one image is meant. */
const readFolder = (
  { platform, output }: { readonly platform: string | undefined; readonly output: string | undefined },
  list: string | undefined,
): string | undefined => {
  if (platform !== "all") return undefined;
  if (list !== undefined) throw new WaybillError("USAGE_INVALID", `--platform all writes documents, no ${list}`);
  if (output !== undefined) return output;
  throw new WaybillError("USAGE_INVALID", "--platform all writes several documents", {
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
