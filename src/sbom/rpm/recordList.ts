import { WaybillError } from "#core/errors.ts";
import type { FaultList } from "#sbom/rpm/faultList.ts";
import { readHeader } from "#sbom/rpm/rpmHeader.ts";
import { recordOf } from "#sbom/rpm/rpmRecord.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

/** The packages of one database, while it is read. */
export interface RecordList {
  /** The place of a header's record in the list; a key is no package, and what was refused is told to the faults. */
  readonly add: (header: Buffer) => number | "key" | "refused";
  /** The records as JSON, in pieces: one array. */
  readonly json: () => readonly Buffer[];
}

// A thousand packages take seven megabytes, files included, and few images have more.
const MAX_RECORDS = 200_000;
const MAX_BYTES = 32 * 1024 * 1024;
// Lists of files are kept as long as there is this much in all: they say what else belongs to a package, not what is there.
const MAX_WITH_FILES = 20 * 1024 * 1024;
// Keys that are trusted are kept as packages of this name.
const KEY = "gpg-pubkey";
const COMMA = Buffer.from(",");

export const createRecordList = (faults: FaultList): RecordList => {
  const parts: Buffer[] = [];
  let records = 0;
  let size = 0;
  const add = (header: Buffer): number | "key" | "refused" => {
    const record = readRecord(header, faults);
    if (record === undefined) return "refused";
    if (record.name === KEY) return "key";
    const whole = Buffer.from(JSON.stringify(record));
    const fits = size + whole.length <= MAX_WITH_FILES;
    const json = fits ? whole : Buffer.from(JSON.stringify({ ...record, directories: [], files: [] }));
    if (!fits) faults.note("the database has more files than are kept");
    if (records >= MAX_RECORDS || size + json.length > MAX_BYTES) {
      faults.note("the database has more packages than are kept");
      return "refused";
    }
    parts.push(...(records === 0 ? [] : [COMMA]), json);
    size += json.length;
    return records++;
  };
  return { add, json: () => [Buffer.from("["), ...parts, Buffer.from("]")] };
};

const readRecord = (header: Buffer, faults: FaultList): RpmRecord | undefined => {
  try {
    const record = recordOf(readHeader(header));
    if (record === undefined) faults.note("a package has no usable name, version or release");
    return record;
  } catch (thrown) {
    if (!(thrown instanceof WaybillError)) throw thrown;
    faults.note(thrown.message);
    return undefined;
  }
};
