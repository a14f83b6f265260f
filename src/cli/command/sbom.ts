import { readBase } from "#app/readBase.ts";
import { resolveImage } from "#app/resolveImage.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { packageTable } from "#cli/render/packageTable.ts";
import { SBOM_FORMATS, readSbomFormat, sbomFlags } from "#cli/sbomFlags.ts";
import { readScanManner, scanFlags } from "#cli/scanFlags.ts";
import { warnOfGaps } from "#cli/warnOfGaps.ts";
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
    output: flag.text({ short: "o", value: "FILE", summary: "write here instead of stdout" }),
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    base: sbomFlags.base,
    ...scanFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill sbom registry.example/app:1.0 > sbom.json", "CycloneDX 1.6"],
    ["waybill sbom --format table --platform linux/arm64 registry.example/app:1.0", "for people"],
    [
      "waybill sbom --format cyclonedx-json@1.4 -o sbom.json oci:./layout:1.0",
      "an older version of the format, from a layout",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseFormatAsFile(flags.output);
    const list = flags.format === "table" || flags.format === "purls" ? flags.format : undefined;
    const format = list === undefined ? readSbomFormat(flags.format, LISTS) : "1.6";
    const reference = parseReference(args[0] ?? "");
    const baseReference = flags.base === undefined ? undefined : parseReference(flags.base);
    await using lister = deps.openContentLister(readScanManner(flags, true));
    const repositories = await deps.openRepositories(flags, [
      ...args,
      ...(flags.base === undefined ? [] : [flags.base]),
    ]);
    const image = await resolveImage({ repositories })(ctx, { reference, access: "read", platform: flags.platform });
    if (image.manifest.kind === "index") {
      throw new WaybillError("USAGE_INVALID", `${args[0]} is an index of several images`, {
        hint: "Choose one with --platform os/architecture.",
      });
    }
    const base = baseReference && (await readBase({ repositories })(ctx, baseReference, image));
    const made = await lister.list(ctx, image, format, base);
    warnOfGaps(io, made.unknowns);
    const bytes = list === undefined ? made.document : Buffer.from(packageTable(made.packages, list));
    if (flags.output === undefined) await io.print(bytes);
    else await deps.writeOutput(ctx, flags.output, bytes);
    return 0;
  },
});

/** With every other command, and with other programs' `sbom`, -o names a format: a file called json helps nobody. */
const refuseFormatAsFile = (path: string | undefined): void => {
  if (path === undefined || !/^(?:json|text|table|purls|(?:cyclonedx|spdx)[^./]*)$/.test(path)) return;
  throw new WaybillError("USAGE_INVALID", `--output ${path}: this flag names the file to write`, {
    hint: `Choose the form with --format; for a file of this name write ./${path}.`,
  });
};
