import { WaybillError } from "#core/errors.ts";
import type { CapturedFile, ImageView } from "#sbom/cataloger.ts";
import { joinLog } from "#sbom/rpm/joinLog.ts";
import { readReduced } from "#sbom/rpm/reducedDatabase.ts";
import type { ReducedDatabase } from "#sbom/rpm/reducedDatabase.ts";
import { readReducedLog } from "#sbom/rpm/reducedLog.ts";
import type { RpmRecord } from "#sbom/rpm/rpmRecord.ts";

/** What a database held once a layer had been applied. */
export interface DatabaseState {
  readonly layer: number;
  readonly records: readonly RpmRecord[];
}

export interface DatabaseHistory {
  /** Base layer first; the last one is the image's. */
  readonly states: readonly DatabaseState[];
  /** What could not be read of the last one. */
  readonly gaps: readonly string[];
}

/**
 * The states of a database over the layers that changed it or its write-ahead log. A layer's log lies over the database as
 * it was then, be that from the same layer or one below; a log that is gone from the image counts for nothing.
 */
export const databaseStates = (view: ImageView, file: CapturedFile): DatabaseHistory => {
  const logPath = `${file.path}-wal`;
  const hasLog = view.realPath(logPath) === logPath;
  const databases = versions(view.history(file.path), file);
  const logs = hasLog ? view.history(logPath) : [];
  const layers = [...new Set([...databases, ...logs].map(({ layer }) => layer))].sort((a, b) => a - b);
  const states: DatabaseState[] = [];
  let gaps: readonly string[] = [];
  for (const layer of layers) {
    const database = databases.findLast((version) => version.layer <= layer);
    if (database === undefined) continue;
    const state = readState(
      database,
      logs.findLast((version) => version.layer <= layer),
    );
    states.push({ layer, records: state.records });
    ({ gaps } = state);
  }
  return { states, gaps };
};

// The visible version is the last one, whatever is known of earlier ones.
const versions = (history: readonly CapturedFile[], file: CapturedFile): readonly CapturedFile[] =>
  history.length > 0 ? history : [file];

const readState = (
  database: CapturedFile,
  log: CapturedFile | undefined,
): Pick<ReducedDatabase, "records" | "gaps"> => {
  const main = readReduced(database.bytes);
  if (log === undefined) return main;
  try {
    return joinLog(main, readReducedLog(log.bytes));
  } catch (thrown) {
    if (!(thrown instanceof WaybillError)) throw thrown;
    return { records: main.records, gaps: [...main.gaps, thrown.message] };
  }
};
