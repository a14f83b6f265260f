import { createFaultList } from "#sbom/rpm/faultList.ts";
import { createRecordList } from "#sbom/rpm/recordList.ts";
import { writeReduced } from "#sbom/rpm/reducedDatabase.ts";

/** Reduces a database that is a row of headers to the facts of its packages. Errors: those of `headersIn`. */
export const reduceHeaders = (
  file: Buffer,
  headersIn: (file: Buffer, damaged: (reason: string) => void) => Iterable<Buffer>,
): Uint8Array => {
  const faults = createFaultList();
  const records = createRecordList(faults);
  for (const header of headersIn(file, faults.note)) records.add(header);
  return writeReduced(records.json(), faults.list());
};
