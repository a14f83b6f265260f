import { demandExactNames } from "#claims/exactNames.ts";
import { sortedMap, writeProtoJson } from "#claims/goJson.ts";
import type { GoJson } from "#claims/goJson.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { digestAlgorithm, digestHex, isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrictDocument } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

const STATEMENT_V1 = "https://in-toto.io/Statement/v1";
/** v0.1 is what cosign's `attest` of every version writes (cosign.md 3.2). */
const STATEMENT_TYPES: readonly unknown[] = [STATEMENT_V1, "https://in-toto.io/Statement/v0.1"];

// sigstore-go's limits (cosign.md 2.3).
const MAX_SUBJECTS = 1024;
const MAX_DIGESTS = 32;
const WHERE = "in-toto statement";

export interface SubjectInput {
  readonly name?: string;
  readonly digest: Digest;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface StatementInput {
  readonly subjects: readonly SubjectInput[];
  readonly predicateType: string;
  /** Exact JSON bytes, from `wrapPredicate` or a writer of our own; not parsed again here. */
  readonly predicate: Uint8Array;
}

/** A subject as far as anyone may rely on it: images are matched by sha256 alone (attacks 4 and 8), files by sha512, too. */
export interface StatementSubject {
  readonly name: string | undefined;
  /** Undefined where the subject has no sha256. */
  readonly digest: Digest | undefined;
  /** Undefined where the subject has none, or one that is not 128 lower-case hex digits. */
  readonly sha512: Digest | undefined;
  /** Those that are strings. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Statement {
  readonly type: string;
  readonly subjects: readonly StatementSubject[];
  readonly predicateType: string;
  /** Exact bytes within the statement; undefined where there is no predicate or null. */
  readonly predicateBytes: Uint8Array | undefined;
  readonly document: Json;
}

/** in-toto Statement v1; the predicate's bytes stand in it as they are, as the last member. */
export const writeStatement = ({ subjects, predicateType, predicate }: StatementInput): Uint8Array => {
  const head = writeProtoJson({ _type: STATEMENT_V1, subject: subjects.map(subjectJson), predicateType });
  const open = head.subarray(0, head.byteLength - 1);
  return Buffer.concat([open, Buffer.from(',"predicate":'), predicate, Buffer.from("}")]);
};

/** What `cosign sign` signs for a bundle (cosign.md 2.2): no name, annotations always, an empty predicate. */
export const writeSignatureStatement = (input: {
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
}): Uint8Array => writeStatement({ subjects: [input], predicateType: SIGNATURE_TYPE, predicate: Buffer.from("{}") });

const subjectJson = ({ name, digest, annotations }: SubjectInput): GoJson => ({
  name,
  digest: { [digestAlgorithm(digest)]: digestHex(digest) },
  annotations: annotations === undefined ? undefined : sortedMap(annotations),
});

/**
 * Reads a statement strictly. Throws INPUT_INVALID or LIMIT_EXCEEDED; `details.field` is `_type` where the statement is of
 * an unknown type.
 */
export const readStatement = (bytes: Uint8Array): Statement => {
  const { value, memberBytes } = parseStrictDocument(bytes, WHERE);
  if (!isJsonObject(value)) throw bad("is no object");
  demandExactNames(value, ["_type", "subject", "predicateType", "predicate"], WHERE);
  const { _type: type, predicateType } = value;
  if (typeof type !== "string" || !STATEMENT_TYPES.includes(type)) throw unknownType(type);
  if (typeof predicateType !== "string" || predicateType === "") throw bad("has no predicateType");
  return {
    type,
    subjects: readSubjects(value["subject"]),
    predicateType,
    predicateBytes: (value["predicate"] ?? null) === null ? undefined : memberBytes("predicate"),
    document: value,
  };
};

const readSubjects = (value: Json | undefined): readonly StatementSubject[] => {
  if (!Array.isArray(value) || value.length === 0) throw bad("names no subject");
  if (value.length > MAX_SUBJECTS) {
    throw new WaybillError("LIMIT_EXCEEDED", `${WHERE} has ${value.length} subjects, the limit is ${MAX_SUBJECTS}`);
  }
  return (value as readonly Json[]).map((one, index) => readSubject(one, `subject[${index}]`));
};

const readSubject = (value: Json, where: string): StatementSubject => {
  if (!isJsonObject(value)) throw bad(`has ${where} that is no object`);
  demandExactNames(value, ["name", "digest", "annotations"], `${WHERE}: ${where}`);
  const name = value["name"] ?? undefined;
  if (name !== undefined && typeof name !== "string") throw bad(`has a name that is no text in ${where}`);
  return { name, ...readDigestSet(value["digest"], where), annotations: readNotes(value["annotations"], where) };
};

const readDigestSet = (value: Json | undefined, where: string): Pick<StatementSubject, "digest" | "sha512"> => {
  if (!isJsonObject(value)) throw bad(`has no digest in ${where}`);
  demandExactNames(value, ["sha256"], `${WHERE}: ${where}.digest`);
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > MAX_DIGESTS) throw bad(`has ${entries.length} digests in ${where}`);
  const texts = onlyStrings(value);
  if (Object.keys(texts).length !== entries.length) throw bad(`has a digest that is no text in ${where}`);
  const long = `sha512:${texts["sha512"]}`;
  const sha512 = isDigest(long) ? long : undefined;
  const hex = texts["sha256"];
  if (hex === undefined) return { digest: undefined, sha512 };
  const digest = `sha256:${hex}`;
  if (!isDigest(digest)) throw bad(`has a sha256 in ${where} that is not 64 lower-case hex digits`);
  return { digest, sha512 };
};

const readNotes = (value: Json | undefined, where: string): Readonly<Record<string, string>> => {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) throw bad(`has annotations that are no object in ${where}`);
  return onlyStrings(value);
};

/** The members that are strings, without a prototype: annotations of other kinds match nothing. */
export const onlyStrings = (object: JsonObject): Readonly<Record<string, string>> => {
  const result = Object.create(null) as Record<string, string>;
  for (const [name, text] of Object.entries(object)) if (typeof text === "string") result[name] = text;
  return result;
};

const unknownType = (type: Json | undefined): WaybillError => {
  const shown = JSON.stringify(type ?? null).slice(0, 120);
  return new WaybillError("INPUT_INVALID", `${WHERE} has the unknown _type ${shown}`, { details: { field: "_type" } });
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHERE} ${reason}`);
