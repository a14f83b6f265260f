import { decodeBase64 } from "#claims/base64.ts";
import { demandTag, readDerValue, TAG } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";

/** A log's promise to publish a certificate (RFC 6962 section 3.2), not yet checked. */
export interface Sct {
  /** SHA-256 of the log's key. */
  readonly logId: Uint8Array;
  /** Milliseconds since 1970. */
  readonly timestamp: bigint;
  /** As signed; static logs keep the leaf's index here. */
  readonly extensions: Uint8Array;
  readonly algorithm: "ecdsa-sha256" | "rsa-pkcs1-sha256";
  readonly signature: Uint8Array;
}

// Browsers ask for two or three logs, Sigstore for one.
const MAX_SCTS = 16;

/** The list in a certificate's extension (RFC 6962 section 3.3). INPUT_INVALID where it is not exactly that. */
export const readSctList = (extension: Uint8Array, what: string): readonly Sct[] => {
  const list = new TlsReader(demandTag(readDerValue(extension, what), TAG.octetString, what).content, what);
  const entries = new TlsReader(list.vector(), what);
  list.end();
  const scts: Sct[] = [];
  while (!entries.isAtEnd) {
    if (scts.length === MAX_SCTS) throw bad(what, `has more than ${MAX_SCTS} entries`);
    scts.push(readSct(entries.vector(), what));
  }
  if (scts.length === 0) throw bad(what, "is empty");
  return scts;
};

/** A detached SCT: the structure itself, or the JSON in which Fulcio answered with it (RFC 6962 section 4.1). */
export const readDetachedSct = (bytes: Uint8Array, what: string): Sct => {
  if (bytes.byteLength > MAX_DETACHED)
    throw bad(what, `has ${bytes.byteLength} bytes; at most ${MAX_DETACHED} are read`);
  // The structure starts with its version, 0, which no JSON does.
  return bytes[0] === 0 ? readSct(bytes, what) : readSctJson(bytes, what);
};

const MAX_DETACHED = 256 * 1024;

const readSct = (bytes: Uint8Array, what: string): Sct => {
  const reader = new TlsReader(bytes, what);
  if (reader.take(1)[0] !== 0) throw bad(what, "has an entry of an unknown version");
  const logId = reader.take(32);
  const timestamp = Buffer.from(reader.take(8)).readBigUInt64BE();
  const extensions = reader.vector();
  const signed = readSigned(reader, what);
  reader.end();
  return { logId, timestamp, extensions, ...signed };
};

// HashAlgorithm and SignatureAlgorithm (RFC 5246 section 7.4.1.4.1): logs sign SHA-256 with RSA or ECDSA (RFC 6962 section 2.1.4).
const ALGORITHMS: Readonly<Record<string, Sct["algorithm"]>> = { "4.1": "rsa-pkcs1-sha256", "4.3": "ecdsa-sha256" };

const readSigned = (reader: TlsReader, what: string): Pick<Sct, "algorithm" | "signature"> => {
  const algorithm = ALGORITHMS[reader.take(2).join(".")];
  if (algorithm === undefined) throw bad(what, "is signed with neither RSA nor ECDSA over SHA-256");
  return { algorithm, signature: reader.vector() };
};

const readSctJson = (bytes: Uint8Array, what: string): Sct => {
  const json = parseStrict(bytes, what);
  if (!isJsonObject(json)) throw bad(what, "is neither an SCT nor its JSON");
  const decode = (name: string): Uint8Array => {
    const value = json[name];
    const decoded = typeof value === "string" ? decodeBase64(value) : undefined;
    if (decoded === undefined) throw bad(what, `has no base64 for ${name}`);
    return decoded;
  };
  const timestamp = json["timestamp"];
  if (json["sct_version"] !== 0) throw bad(what, "is not of the version (sct_version) 0");
  if (typeof timestamp !== "number" || !Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw bad(what, "has no timestamp in milliseconds");
  }
  const logId = decode("id");
  if (logId.byteLength !== 32) throw bad(what, "has no id of 32 bytes");
  const reader = new TlsReader(decode("signature"), what);
  const signed = readSigned(reader, what);
  reader.end();
  // Go leaves the extensions out where they are empty.
  const extensions = json["extensions"] === undefined ? new Uint8Array() : decode("extensions");
  return { logId, timestamp: BigInt(timestamp), extensions, ...signed };
};

/** Values of the TLS presentation language (RFC 5246 section 4), one after another. */
class TlsReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  take(size: number): Uint8Array {
    const end = this.#at + size;
    if (end > this.#bytes.byteLength) throw bad(this.#what, "breaks off");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** opaque<0..2^16-1> */
  vector(): Uint8Array {
    const [high = 0, low = 0] = this.take(2);
    return this.take(high * 256 + low);
  }

  end(): void {
    if (!this.isAtEnd) throw bad(this.#what, "has bytes after its end");
  }
}

const bad = (what: string, why: string): WaybillError => new WaybillError("INPUT_INVALID", `${what} ${why}`);
