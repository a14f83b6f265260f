import type { RecordStore } from "#records/recordStore.ts";

/** What every use case of the service works on. */
export interface ServiceDeps {
  readonly store: RecordStore;
  /** A UUIDv7 as text. */
  readonly newId: () => string;
}
