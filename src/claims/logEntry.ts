import { decodeAnyBase64 } from "#claims/base64.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What somebody says that a transparency log said (cosign.md 6.4). Nothing of it is verified. */
export interface LogEntry {
  /** Of the whole log. */
  readonly index: bigint;
  /** Digest of the log's key, 32 bytes from logs that are honest; undefined where none is named. */
  readonly logId: Uint8Array | undefined;
  /** Kind and version, such as `hashedrekord` and `0.0.1`. */
  readonly kind: string | undefined;
  readonly version: string | undefined;
  /** Seconds since 1970; undefined where there is none, as in Rekor v2. */
  readonly integratedTime: bigint | undefined;
  /** A signed entry timestamp. */
  readonly promise: Uint8Array | undefined;
  readonly proof: InclusionProof | undefined;
  readonly body: Uint8Array | undefined;
}

export interface InclusionProof {
  /** Within the tree of the proof. */
  readonly index: bigint;
  readonly treeSize: bigint;
  readonly rootHash: Uint8Array | undefined;
  /** Of the siblings, leaf first; each 32 bytes from logs that are honest. */
  readonly hashes: readonly Uint8Array[];
  /** A signed note; undefined where there is none. */
  readonly checkpoint: string | undefined;
}

/** Reads an entry whose shape is known. INPUT_INVALID for values that are none of their kind. */
export const readLogEntry = (entry: JsonObject, at: number): LogEntry => {
  const where = `log entry ${at}`;
  const { logId, kindVersion, inclusionPromise, inclusionProof } = entry;
  const time = readInteger(entry["integratedTime"], `${where}: integratedTime`);
  return {
    index: readInteger(entry["logIndex"], `${where}: logIndex`),
    logId: readBytes(member(logId, "keyId"), `${where}: logId`),
    kind: readText(member(kindVersion, "kind")),
    version: readText(member(kindVersion, "version")),
    // protojson leaves a zero out, and no log is that old.
    integratedTime: time === 0n ? undefined : time,
    promise: readPromise(inclusionPromise, `${where}: inclusionPromise`),
    proof: isJsonObject(inclusionProof) ? readProof(inclusionProof, `${where}: inclusionProof`) : undefined,
    body: readBytes(entry["canonicalizedBody"], `${where}: canonicalizedBody`),
  };
};

/** One that is there and empty is a bad one, not none; so is a promise. */
const readCheckpoint = (checkpoint: Json | undefined): string | undefined =>
  isJsonObject(checkpoint) ? (readText(checkpoint["envelope"]) ?? "") : undefined;

const readPromise = (promise: Json | undefined, where: string): Uint8Array | undefined =>
  isJsonObject(promise) ? (readBytes(promise["signedEntryTimestamp"], where) ?? new Uint8Array()) : undefined;

const readProof = (proof: JsonObject, where: string): InclusionProof => {
  const hashes = Array.isArray(proof["hashes"]) ? (proof["hashes"] as readonly Json[]) : [];
  return {
    index: readInteger(proof["logIndex"], `${where}.logIndex`),
    treeSize: readInteger(proof["treeSize"], `${where}.treeSize`),
    rootHash: readBytes(proof["rootHash"], `${where}.rootHash`),
    hashes: hashes.map((one, at) => readBytes(one, `${where}.hashes[${at}]`) ?? new Uint8Array()),
    checkpoint: readCheckpoint(proof["checkpoint"]),
  };
};

/**
 * The log entry in cosign's bundle file from before Sigstore bundles (cosign.md 6.3), which has a promise and never a
 * proof. INPUT_INVALID.
 */
export const readLocalLogEntry = (value: Json): LogEntry => {
  const payload = member(value, "Payload");
  if (!isJsonObject(value) || !isJsonObject(payload)) throw bad("rekorBundle has no Payload");
  const body = readBytes(payload["body"], "rekorBundle: body");
  const time = readInteger(payload["integratedTime"], "rekorBundle: integratedTime");
  const { logID } = payload;
  return {
    index: readInteger(payload["logIndex"], "rekorBundle: logIndex"),
    logId: typeof logID === "string" && /^(?:[0-9a-f]{2}){1,64}$/.test(logID) ? Buffer.from(logID, "hex") : undefined,
    ...kindOf(body),
    integratedTime: time === 0n ? undefined : time,
    promise: readBytes(value["SignedEntryTimestamp"], "rekorBundle: SignedEntryTimestamp"),
    proof: undefined,
    body,
  };
};

/** The body says it by itself. */
const kindOf = (body: Uint8Array | undefined): Pick<LogEntry, "kind" | "version"> => {
  try {
    const value = body === undefined ? null : parseStrict(body, "log entry", BODY_LIMITS);
    return { kind: readText(member(value, "kind")), version: readText(member(value, "apiVersion")) };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { kind: undefined, version: undefined };
  }
};

// Rekor takes entries of up to about 100 KB (cosign.md 6.1), and nests them a few levels deep.
const BODY_LIMITS = { maxBytes: 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

const member = (value: Json | undefined, name: string): Json | undefined =>
  isJsonObject(value) ? value[name] : undefined;

const readText = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const MAX_INT64 = 2n ** 63n - 1n;

/** An int64 as protojson reads it, text or number; a zero may be left out. None of these are ever negative. */
const readInteger = (value: Json | undefined, where: string): bigint => {
  if (value === undefined) return 0n;
  const text = typeof value === "number" ? String(value) : value;
  const number = typeof text === "string" && /^\d{1,19}$/.test(text) ? BigInt(text) : -1n;
  if (number < 0n || number > MAX_INT64) throw bad(`${where} is no number that a log can have`);
  return number;
};

const readBytes = (value: Json | undefined, where: string): Uint8Array | undefined => {
  if (value === undefined || value === "") return undefined;
  const bytes = typeof value === "string" ? decodeAnyBase64(value) : undefined;
  if (bytes === undefined) throw bad(`${where} is not base64`);
  return bytes;
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `bundle: ${reason}`);
