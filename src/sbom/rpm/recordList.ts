import { WaybillError } from "#core/errors.ts";
import type { FaultList } from "#sbom/rpm/faultList.ts";
import { readHeader } from "#sbom/rpm/rpmHeader.ts";
import { recordOf } from "#sbom/rpm/rpmRecord.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

/** The packages of one database, while it is read. */
export interface RecordList {
  /** The place of a header's record in the list; a key is no package, and what was refused is told to the faults. */
  readonly add: (header: Buffer) => number | "key" | "refused";
  /** The records as one JSON array. */
  readonly json: () => string;
}

// The largest installations have ten thousand packages and half a million files.
const MAX_RECORDS = 200_000;
const MAX_CHARACTERS = 128 * 1024 * 1024;
// Keys that are trusted are kept as packages of this name.
const KEY = "gpg-pubkey";

export const createRecordList = (faults: FaultList): RecordList => {
  const records: string[] = [];
  let characters = 0;
  const add = (header: Buffer): number | "key" | "refused" => {
    const record = readRecord(header, faults);
    if (record === undefined) return "refused";
    if (record.name === KEY) return "key";
    const text = JSON.stringify(record);
    if (records.length >= MAX_RECORDS || characters + text.length > MAX_CHARACTERS) {
      faults.note("the database has more packages or files than are kept");
      return "refused";
    }
    characters += text.length;
    return records.push(text) - 1;
  };
  return { add, json: () => `[${records.join(",")}]` };
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
