import {
  contextTag,
  demandDerTree,
  demandTag,
  readDerBoolean,
  readDerInteger,
  readDerList,
  readDerNumber,
  readDerOid,
  readDerTime,
  readDerValue,
  TAG,
} from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";

/** What a timestamp authority says (TSTInfo, RFC 3161 section 2.4.2). Nobody has vouched for it yet. */
export interface TimestampInfo {
  readonly policy: string;
  /** AlgorithmIdentifier in DER, and what it made of the bytes that were stamped. */
  readonly imprintAlgorithm: Uint8Array;
  readonly imprint: Uint8Array;
  /** Hexadecimal. */
  readonly serial: string;
  /** To the millisecond, the rest cut off. */
  readonly time: Date;
  /** The digits after the seconds, all of them; empty where there are none. */
  readonly fraction: string;
  /** Hexadecimal; of the requester's choice, and known to the requester alone. */
  readonly nonce: string | undefined;
  /** Object identifiers of the critical extensions. */
  readonly criticalExtensions: readonly string[];
}

const WHAT = "the timestamp's content";

/** Reads a TSTInfo, DER to the letter. INPUT_INVALID. */
export const readTimestampInfo = (bytes: Uint8Array): TimestampInfo => {
  const list = readDerList(demandDerTree(readDerValue(bytes, WHAT), WHAT), TAG.sequence, WHAT);
  const [version, policy, imprint, serial, time, ...rest] = list;
  if (readDerNumber(version, `${WHAT}: version`) !== 1) throw bad("is not of version 1");
  const take = (tag: number): Der | undefined => (rest[0]?.tag === tag ? rest.shift() : undefined);
  checkAccuracy(take(TAG.sequence));
  const ordering = take(TAG.boolean);
  // FALSE is the default, which DER leaves out (X.690 section 11.5).
  if (ordering !== undefined && !readDerBoolean(ordering, `${WHAT}: ordering`))
    throw bad("spells out that it is not ordered");
  const nonce = take(TAG.integer);
  // [0] is the authority's name, in whatever spelling it likes; the signing certificate says for certain who it is.
  readName(take(contextTag(0)));
  const criticalExtensions = readExtensions(take(contextTag(1)));
  if (rest.length > 0) throw bad("has parts that do not belong in it");
  return {
    policy: readDerOid(policy, `${WHAT}: policy`),
    ...readImprint(imprint),
    serial: readHex(serial, `${WHAT}: serial number`),
    ...readTime(time),
    nonce: nonce === undefined ? undefined : readHex(nonce, `${WHAT}: nonce`),
    criticalExtensions,
  };
};

const readImprint = (value: Der | undefined): Pick<TimestampInfo, "imprintAlgorithm" | "imprint"> => {
  const [algorithm, digest, ...more] = readDerList(value, TAG.sequence, `${WHAT}: imprint`);
  if (more.length > 0) throw bad("has more than one imprint");
  return {
    imprintAlgorithm: demandTag(algorithm, TAG.sequence, `${WHAT}: imprint algorithm`).bytes,
    imprint: demandTag(digest, TAG.octetString, `${WHAT}: imprint`).content,
  };
};

/** An INTEGER of any size and sign; some authorities count from the lowest. */
const readHex = (value: Der | undefined, what: string): string => {
  const octets = readDerInteger(value, what);
  return BigInt.asIntN(8 * octets.byteLength, BigInt(`0x${Buffer.from(octets).toString("hex")}`)).toString(16);
};

// Section 2.4.2: in UTC, to the second at least, with a fraction of any length that does not end in zero.
const TIME = /^(\d{14})(?:\.(\d*[1-9]))?Z$/;

const readTime = (value: Der | undefined): Pick<TimestampInfo, "time" | "fraction"> => {
  const { content, ...der } = demandTag(value, TAG.generalizedTime, `${WHAT}: time`);
  const [, second, fraction = ""] = TIME.exec(Buffer.from(content).toString("latin1")) ?? [];
  if (second === undefined) throw bad("has a time that is not in the form of RFC 3161");
  const time = readDerTime({ ...der, content: Buffer.from(`${second}Z`) }, `${WHAT}: time`);
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  return { time: new Date(time.getTime() + milliseconds), fraction };
};

/** Seconds, [0] milliseconds and [1] microseconds, each optional and the latter from 1 to 999. */
const checkAccuracy = (value: Der | undefined): void => {
  if (value === undefined) return;
  const what = `${WHAT}: accuracy`;
  const parts = [...readDerList(value, TAG.sequence, what)];
  if (parts[0]?.tag === TAG.integer) readDerNumber(parts.shift(), what);
  for (const tag of [contextTag(0, false), contextTag(1, false)]) {
    const part = parts[0]?.tag === tag ? parts.shift() : undefined;
    if (part === undefined) continue;
    const number = readDerNumber({ ...part, tag: TAG.integer }, what);
    if (number < 1 || number > 999) throw bad("has an accuracy that is none");
  }
  if (parts.length > 0) throw bad("has an accuracy that is none");
};

const readName = (value: Der | undefined): void => {
  if (value !== undefined && readDerList(value, contextTag(0), `${WHAT}: name`).length !== 1) {
    throw bad("has not one name of its authority");
  }
};

const readExtensions = (value: Der | undefined): readonly string[] => {
  if (value === undefined) return [];
  const what = `${WHAT}: extensions`;
  const extensions = readDerList(value, contextTag(1), what).map((one) => {
    const parts = readDerList(one, TAG.sequence, what);
    const critical = parts.length === 3;
    if (parts.length < 2 || parts.length > 3 || (critical && !readDerBoolean(parts[1], what))) {
      throw bad("has an extension that is not identifier, TRUE where critical, and value");
    }
    demandTag(parts.at(-1), TAG.octetString, what);
    return { oid: readDerOid(parts[0], what), critical };
  });
  return extensions.filter(({ critical }) => critical).map(({ oid }) => oid);
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHAT} ${why}`);
