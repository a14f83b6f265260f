import { IMAGE_LIMITS } from "#app/imageLimits.ts";
import { flag } from "#cli/flag.ts";
import type { FlagValues } from "#cli/flag.ts";
import { readSize } from "#cli/readSize.ts";
import { WaybillError } from "#core/errors.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";
import type { ScanManner } from "#sbom/scanManner.ts";

/** A manner whose number of jobs may be left to the machine. */
export type AskedManner = Omit<ScanManner, "jobs"> & { readonly jobs: number | undefined };

const MOST = 1_000_000_000;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** How images are read, and how much of them: `sbom` and `issue` have these alike. */
export const scanFlags = {
  ...flag.grouped("SBOM", {
    jobs: flag.count({
      value: "N",
      min: 1,
      max: 16,
      summary: "layers read at once (default: one for each core, up to 4)",
    }),
    scope: flag.choice(["squashed", "all-layers"], {
      default: "squashed",
      summary: "what a container sees, or also what later layers took away",
    }),
    sbomName: flag.text({
      value: "NAME",
      summary: "what the SBOM calls the image (default: its title label, else image)",
    }),
    cache: flag.toggle({ summary: "keep what was read of layers for the next time; --no-cache reads all of them" }),
  }),
  ...flag.grouped("Limits of images", {
    maxLayers: flag.count({
      value: "N",
      default: IMAGE_LIMITS.maxLayers,
      min: 1,
      max: 10_000,
      summary: "layers of an image",
    }),
    maxImageSize: flag.text({
      value: "SIZE",
      default: `${IMAGE_LIMITS.maxBytes / GIB}GiB`,
      summary: "bytes of all layers, uncompressed",
    }),
    maxLayerSize: flag.text({
      value: "SIZE",
      default: `${IMAGE_LIMITS.inflate.maxBytes / GIB}GiB`,
      summary: "bytes of one layer, uncompressed",
    }),
    maxRatio: flag.count({
      value: "N",
      default: IMAGE_LIMITS.inflate.maxRatio,
      min: 1,
      max: 1032,
      summary: "uncompressed bytes of a layer for each compressed one, from 256 MiB on",
    }),
    maxEntries: flag.count({
      value: "N",
      default: IMAGE_LIMITS.maxEntries,
      min: 1,
      max: MOST,
      summary: "files, directories and links in the layers",
    }),
    maxNodes: flag.count({
      value: "N",
      default: IMAGE_LIMITS.maxNodes,
      min: 1,
      max: MOST,
      summary: "directories, links and package files of the image",
    }),
    maxNames: flag.text({
      value: "SIZE",
      default: `${IMAGE_LIMITS.maxNames / MIB}MiB`,
      summary: "characters of all names",
    }),
    maxEvidence: flag.text({
      value: "SIZE",
      default: `${IMAGE_LIMITS.maxCaptured / MIB}MiB`,
      summary: "bytes of package databases and manifests",
    }),
  }),
};

/** What may be asked of `openContentLister`. `cache`: whether the cache is used where no flag says so. USAGE_INVALID for sizes that are none. */
export const readScanManner = (flags: FlagValues<typeof scanFlags>, cache: boolean): AskedManner => ({
  jobs: flags.jobs,
  scope: flags.scope,
  cache: flags.cache ?? cache,
  name: readName(flags.sbomName),
  limits: readLimits(flags),
});

// It becomes part of a package URL, and of a line on somebody's screen.
const readName = (name: string | undefined): string | undefined => {
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/.test(name)) return name;
  throw new WaybillError(
    "USAGE_INVALID",
    `--sbom-name ${JSON.stringify(name.slice(0, 80))} cannot be an image's name`,
    {
      hint: "Take up to 128 letters, digits, dots, dashes, underscores and slashes, such as team/app.",
    },
  );
};

const readLimits = (flags: FlagValues<typeof scanFlags>): Partial<ScanLimits> => ({
  inflate: {
    ...IMAGE_LIMITS.inflate,
    maxBytes: readSize(flags.maxLayerSize, "--max-layer-size"),
    maxRatio: flags.maxRatio,
  },
  tar: { ...IMAGE_LIMITS.tar, maxEntries: flags.maxEntries },
  maxLayers: flags.maxLayers,
  maxBytes: readSize(flags.maxImageSize, "--max-image-size"),
  maxEntries: flags.maxEntries,
  maxNodes: flags.maxNodes,
  maxNames: readSize(flags.maxNames, "--max-names"),
  maxCaptured: readSize(flags.maxEvidence, "--max-evidence"),
});
