import { flag } from "#cli/flag.ts";
import { WaybillError } from "#core/errors.ts";

export type CycloneDxVersion = "1.4" | "1.5" | "1.6";

export const sbomFlags = flag.grouped("SBOM", {
  sbomFormat: flag.text({
    value: "FORMAT",
    default: "cyclonedx-json@1.6",
    summary: "cyclonedx-json@1.6, @1.5 or @1.4",
  }),
  base: flag.text({ value: "REF", summary: "the image that it was built on, to tell its layers and packages apart" }),
});

const FORMATS: Readonly<Record<string, CycloneDxVersion>> = {
  cyclonedx: "1.6",
  "cyclonedx-json": "1.6",
  "cyclonedx-json@1.6": "1.6",
  "cyclonedx-json@1.5": "1.5",
  "cyclonedx-json@1.4": "1.4",
};

/** What `--sbom-format` takes. */
export const SBOM_FORMATS: readonly string[] = Object.keys(FORMATS);

/** USAGE_INVALID for a format that this version does not write; `others` are what the command knows besides. */
export const readSbomFormat = (text: string, others: readonly string[] = []): CycloneDxVersion => {
  const version = Object.hasOwn(FORMATS, text) ? FORMATS[text] : undefined;
  if (version === undefined) {
    throw new WaybillError("USAGE_INVALID", `the SBOM format ${JSON.stringify(text.slice(0, 80))} is not known`, {
      hint: `Formats: ${["cyclonedx-json@1.6 (default)", "cyclonedx-json@1.5", "cyclonedx-json@1.4", ...others].join(", ")}.`,
    });
  }
  return version;
};
