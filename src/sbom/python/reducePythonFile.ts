import { keepFacts } from "#sbom/keptFacts.ts";
import { plainText } from "#sbom/plainText.ts";
import type { PythonFile } from "#sbom/python/locatePythonFile.ts";
import { readCoreMetadata } from "#sbom/python/readCoreMetadata.ts";
import { readDirectUrl } from "#sbom/python/readDirectUrl.ts";
import { readPathFile } from "#sbom/python/readPathFile.ts";
import { readRequiresText } from "#sbom/python/readRequiresText.ts";
import { readVendored } from "#sbom/python/readVendored.ts";
import { readVenv } from "#sbom/python/readVenv.ts";
import { readWheelMachines } from "#sbom/python/readWheelMachines.ts";

/** How a kind of file is read: at most so many bytes, to these facts. */
interface Reading {
  readonly cap: number;
  readonly read: (bytes: Uint8Array) => object;
}

const KIB = 1024;
const NOTHING = (): object => ({});

const READINGS: Readonly<Record<PythonFile["kind"], Reading>> = {
  // Descriptions are whole handbooks at times.
  metadata: { cap: 8 * KIB * KIB, read: readCoreMetadata },
  directUrl: { cap: 64 * KIB, read: readDirectUrl },
  installer: { cap: 64 * KIB, read: (bytes) => ({ installer: plainText(Buffer.from(bytes).toString(), 40) }) },
  requested: { cap: 64 * KIB, read: NOTHING },
  requires: { cap: 4 * KIB * KIB, read: readRequiresText },
  wheel: { cap: 256 * KIB, read: readWheelMachines },
  // That it is there says enough: its digests are of files, none is the package's.
  record: { cap: 64 * KIB * KIB, read: NOTHING },
  venv: { cap: 64 * KIB, read: readVenv },
  pathFile: { cap: 256 * KIB, read: readPathFile },
  eggLink: { cap: 64 * KIB, read: (bytes) => readPathFile(bytes).slice(0, 1) },
  vendored: { cap: 256 * KIB, read: readVendored },
};

export const capOf = (kind: PythonFile["kind"]): number => READINGS[kind].cap;

/** A file's facts as bytes. Throws INPUT_INVALID or LIMIT_EXCEEDED. */
export const reducePythonFile = (kind: PythonFile["kind"], bytes: Uint8Array): Uint8Array =>
  keepFacts(READINGS[kind].read(bytes));
