import { decodeBase64 } from "#claims/base64.ts";
import type { CarriedProofs } from "#claims/claim.ts";
import { readLocalLogEntry } from "#claims/logEntry.ts";
import { pemCertificates } from "#claims/pemCertificates.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";

export const CERTIFICATE = "dev.sigstore.cosign/certificate";
const CHAIN = "dev.sigstore.cosign/chain";
const LOG_ENTRY = "dev.sigstore.cosign/bundle";
const TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";

// A log entry of about 100 KB and its base64 (cosign.md 6.1).
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 8, maxValues: 64 };
// As of bundles.
const MAX_CERTIFICATES = 10;

/**
 * What cosign's annotations on a layer bring along to prove who signed it and when (cosign.md 1.5); undefined where they
 * are not there, or empty, as cosign writes a chain that it does not have. What cannot be read is told as the flaw: who
 * asks for none of these proofs, but for a key, can do without them.
 */
export const readLegacyProofs = (annotations: Descriptor["annotations"]): CarriedProofs | undefined => {
  const textOf = (name: string): string | undefined => annotations?.[name] || undefined;
  const texts = { leaf: textOf(CERTIFICATE), chain: textOf(CHAIN), entry: textOf(LOG_ENTRY), time: textOf(TIMESTAMP) };
  if (Object.values(texts).every((text) => text === undefined)) return undefined;
  try {
    return readProofs(texts);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { certificates: [], logEntries: [], timestamps: [], flaw: error.message };
  }
};

type Texts = Readonly<Record<"leaf" | "chain" | "entry" | "time", string | undefined>>;

const readProofs = ({ leaf, chain, entry, time }: Texts): CarriedProofs => {
  const certificates = [
    ...(leaf === undefined ? [] : readPem(leaf, CERTIFICATE)),
    ...(chain === undefined ? [] : readPem(chain, CHAIN)),
  ];
  if (certificates.length > MAX_CERTIFICATES)
    throw new WaybillError(
      "LIMIT_EXCEEDED",
      `the layer holds ${certificates.length} certificates, the limit is ${MAX_CERTIFICATES}`,
    );
  return {
    certificates,
    logEntries: entry === undefined ? [] : [readLocalLogEntry(readJson(entry, LOG_ENTRY))],
    timestamps: time === undefined ? [] : [readTimestamp(readJson(time, TIMESTAMP))],
  };
};

const readPem = (text: string, name: string): readonly Uint8Array[] => {
  const blocks = pemCertificates(Buffer.from(text));
  const announced = text.split("-----BEGIN ").length - 1;
  if (blocks.length === 0 || blocks.length !== announced) throw bad(name, "is no PEM of certificates");
  if (name === CERTIFICATE && blocks.length > 1) throw bad(name, "holds several certificates; it is to hold the leaf");
  return blocks;
};

const readJson = (text: string, name: string): Json =>
  parseStrict(Buffer.from(text), `the layer's annotation ${name}`, LIMITS);

const readTimestamp = (value: Json): Uint8Array => {
  const text = isJsonObject(value) ? value["SignedRFC3161Timestamp"] : undefined;
  const bytes = typeof text === "string" ? decodeBase64(text) : undefined;
  if (bytes === undefined || bytes.byteLength === 0) throw bad(TIMESTAMP, "holds no SignedRFC3161Timestamp in base64");
  return bytes;
};

const bad = (name: string, why: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `the layer's annotation ${name} ${why}`);
