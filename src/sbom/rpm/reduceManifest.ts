import { WaybillError } from "#core/errors.ts";
import { linesOf } from "#sbom/linesOf.ts";
import { writeReduced } from "#sbom/rpm/reducedDatabase.ts";
import { printable, usableWord } from "#sbom/rpm/rpmRecord.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

const MAX_LINES = 200_000;

/**
 * Reduces `container-manifest-2`, which Azure Linux's distroless images have instead of a database: a line for each package
 * with name, version-release, times, vendor, epoch, size, architecture, epoch as a number and source package, between tabs.
 * Throws INPUT_INVALID where no line is one, LIMIT_EXCEEDED.
 */
export const reduceManifest = (file: Buffer): Uint8Array => {
  const lines = [...linesOf(file.toString("utf8"))].filter((line) => line.trim() !== "");
  if (lines.length > MAX_LINES) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_LINES} packages`);
  const records = lines.map(readLine).filter((record) => record !== undefined);
  if (records.length === 0 && lines.length > 0) throw new WaybillError("INPUT_INVALID", "no list of packages");
  const refused = lines.length - records.length;
  return writeReduced(
    [Buffer.from(JSON.stringify(records))],
    refused === 0 ? [] : [`${refused} lines that name no package`],
  );
};

const readLine = (line: string): RpmRecord | undefined => {
  const [name, evr = "", , , vendor, , , architecture, epoch = "", sourceRpm] = line.split("\t", 11);
  const dash = evr.lastIndexOf("-");
  const version = usableWord(evr.slice(0, Math.max(dash, 0)));
  const release = usableWord(evr.slice(dash + 1));
  const usable = usableWord(name);
  if (usable === undefined || version === undefined || release === undefined) return undefined;
  return {
    name: usable,
    version,
    release,
    // The list says 0 where the package has none.
    epoch: /^[1-9]\d{0,9}$/.test(epoch) ? Number(epoch) : undefined,
    architecture: usableWord(architecture),
    vendor: printable(vendor),
    sourceRpm: usableWord(sourceRpm),
    provides: [],
    requires: [],
    directories: [],
    files: [],
  };
};
