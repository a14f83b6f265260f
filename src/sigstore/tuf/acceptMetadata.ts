import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { badMetadata } from "#sigstore/tuf/badMetadata.ts";
import { demandSigners } from "#sigstore/tuf/demandSigners.ts";
import { demandDescribed, readFileDescription } from "#sigstore/tuf/fileDescription.ts";
import type { FileDescription } from "#sigstore/tuf/fileDescription.ts";
import { readTufDocument, readVersion } from "#sigstore/tuf/tufMetadata.ts";
import type { TufDocument } from "#sigstore/tuf/tufMetadata.ts";
import { readTufRoot } from "#sigstore/tuf/tufRoot.ts";
import type { TufRoot } from "#sigstore/tuf/tufRoot.ts";

/** What one role says of the metadata of another. */
export interface MetadataReference extends FileDescription {
  readonly version: number;
}

export interface TufTimestamp extends TufDocument {
  readonly snapshot: MetadataReference;
}

export interface TufSnapshot extends TufDocument {
  /** By file name, such as `targets.json`. */
  readonly meta: ReadonlyMap<string, MetadataReference>;
  readonly targets: MetadataReference;
}

export interface TufTargets extends TufDocument {
  readonly targets: JsonObject;
}

/** The root that a client starts from: whoever gave it vouches for it, and it must still be signed by itself (5.2). */
export const acceptFirstRoot = (bytes: Uint8Array, what: string): TufRoot => {
  try {
    const root = readTufRoot(bytes, what);
    demandSigners(root, "root", root);
    return root;
  } catch (error) {
    if (!hasCode(error, "TRUST_INVALID")) throw error;
    throw new WaybillError("TRUST_INVALID", error.message, { cause: error, hint: FIRST_ROOT_HINT });
  }
};

const FIRST_ROOT_HINT =
  "Give the root.json of the TUF repository itself, of whatever version, as its publisher hands it out; trusted_root.json is another thing.";

/** The version after `trusted`, signed by the keys of both (5.3.4, 5.3.5); it may have expired when another follows. */
export const acceptNextRoot = (trusted: TufRoot, bytes: Uint8Array, what: string): TufRoot => {
  const root = readTufRoot(bytes, what);
  demandSigners(trusted, "root", root);
  demandSigners(root, "root", root);
  if (root.version !== trusted.version + 1)
    throw badMetadata(what, `is version ${root.version} and must be version ${trusted.version + 1}`);
  return root;
};

/** Never an older one than `known`, nor one of an older snapshot; of the same version, `known` stays (5.4.2, 5.4.3). */
export const acceptTimestamp = (
  root: TufRoot,
  known: TufTimestamp | undefined,
  bytes: Uint8Array,
  what: string,
): TufTimestamp => {
  const document = readTufDocument(bytes, "timestamp", what);
  demandSigners(root, "timestamp", document);
  const meta = readMeta(document);
  const timestamp = { ...document, snapshot: demandReference(meta, "snapshot.json", what) };
  if (known === undefined) return timestamp;
  demandNotOlder(timestamp.version, known.version, what);
  demandNotOlder(timestamp.snapshot.version, known.snapshot.version, `${what}: snapshot.json`);
  return timestamp.version === known.version ? known : timestamp;
};

/** What the timestamp names, and nothing in it older than in `known`, nor gone (5.5.2 to 5.5.5). */
export const acceptSnapshot = (
  root: TufRoot,
  timestamp: TufTimestamp,
  known: TufSnapshot | undefined,
  bytes: Uint8Array,
  what: string,
): TufSnapshot => {
  demandDescribed(bytes, timestamp.snapshot, what);
  const document = readTufDocument(bytes, "snapshot", what);
  demandSigners(root, "snapshot", document);
  demandVersion(document, timestamp.snapshot);
  const meta = readMeta(document);
  for (const [name, { version }] of known?.meta ?? []) {
    const now = meta.get(name);
    if (now === undefined) throw badMetadata(what, `lacks ${JSON.stringify(name)}, which was there before`);
    demandNotOlder(now.version, version, `${what}: ${JSON.stringify(name)}`);
  }
  return { ...document, meta, targets: demandReference(meta, "targets.json", what) };
};

/** What the snapshot names (5.6.2 to 5.6.4). */
export const acceptTargets = (root: TufRoot, snapshot: TufSnapshot, bytes: Uint8Array, what: string): TufTargets => {
  demandDescribed(bytes, snapshot.targets, what);
  const document = readTufDocument(bytes, "targets", what);
  demandSigners(root, "targets", document);
  demandVersion(document, snapshot.targets);
  const { targets } = document.signed;
  if (!isJsonObject(targets)) throw badMetadata(what, "names no targets");
  return { ...document, targets };
};

const readMeta = (document: TufDocument): ReadonlyMap<string, MetadataReference> => {
  const { meta } = document.signed;
  if (!isJsonObject(meta)) throw badMetadata(document.what, "names no metadata");
  return new Map(Object.entries(meta).map(([name, value]) => [name, readReference(value, document.what)]));
};

const readReference = (value: Json, what: string): MetadataReference => ({
  ...readFileDescription(value, what),
  version: readVersion(isJsonObject(value) ? value["version"] : undefined, what),
});

const demandReference = (
  meta: ReadonlyMap<string, MetadataReference>,
  name: string,
  what: string,
): MetadataReference => {
  const found = meta.get(name);
  if (found === undefined) throw badMetadata(what, `does not name ${name}`);
  return found;
};

const demandVersion = (document: TufDocument, reference: MetadataReference): void => {
  if (document.version !== reference.version)
    throw badMetadata(document.what, `is version ${document.version} and must be version ${reference.version}`);
};

/** CVE-2022-29173: whoever holds back what is new must not bring back what was old. */
const demandNotOlder = (version: number, known: number, what: string): void => {
  if (version < known)
    throw badMetadata(what, `was rolled back: it is version ${version}, and version ${known} was here before`);
};
