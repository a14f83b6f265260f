import { decodeAnyBase64, encodeBase64 } from "#claims/base64.ts";
import type { Envelope } from "#claims/claim.ts";
import { demandExactNames } from "#claims/exactNames.ts";
import { writeGoJson } from "#claims/goJson.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";

/** Pre-authentication encoding (DSSE protocol v1.0.2): what is signed instead of the payload alone. Lengths are bytes. */
export const pae = (payloadType: string, payload: Uint8Array): Uint8Array =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `),
    payload,
  ]);

/** An envelope as `.att` layers carry it: the member order of cosign v2 (cosign.md 3.1). */
export const writeEnvelope = (
  payloadType: string,
  payload: Uint8Array,
  signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[],
): Uint8Array =>
  writeGoJson({
    payloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: encodeBase64(sig) })),
  });

// Base64 of the largest paper (128 MiB, COSIGN_MAX_ATTACHMENT_SIZE) and a little around it; an envelope itself is flat.
const LIMITS = { maxBytes: 172 * 1024 * 1024, maxDepth: 8, maxValues: 1000 };
// Each one costs a signature check per trusted key; sigstore-go's caps on log entries and timestamps are 32, too.
const MAX_SIGNATURES = 32;
const WHERE = "DSSE envelope";

/** Reads an envelope strictly, without judging its type or how many signatures it holds. INPUT_INVALID, LIMIT_EXCEEDED. */
export const readEnvelope = (bytes: Uint8Array): Envelope => readEnvelopeValue(parseStrict(bytes, WHERE, LIMITS));

/** The same for an envelope that stands within a bundle. */
export const readEnvelopeValue = (value: Json | undefined): Envelope => {
  if (!isJsonObject(value)) throw bad("is no object");
  demandExactNames(value, ["payload", "payloadType", "signatures"], WHERE);
  const { payloadType, payload, signatures } = value;
  if (typeof payloadType !== "string") throw bad("has no payloadType");
  const decoded = typeof payload === "string" ? decodeAnyBase64(payload) : undefined;
  if (decoded === undefined) throw bad("has a payload that is not base64");
  if (!Array.isArray(signatures)) throw bad("has no list of signatures");
  if (signatures.length > MAX_SIGNATURES) {
    throw new WaybillError(
      "LIMIT_EXCEEDED",
      `${WHERE} has ${signatures.length} signatures, the limit is ${MAX_SIGNATURES}`,
    );
  }
  return { payloadType, payload: decoded, signatures: (signatures as readonly Json[]).map(readSignature) };
};

const readSignature = (value: Json, index: number): Envelope["signatures"][number] => {
  if (!isJsonObject(value)) throw bad(`has signatures[${index}] that is no object`);
  demandExactNames(value, ["keyid", "sig"], `${WHERE}: signatures[${index}]`);
  const keyid = value["keyid"] ?? "";
  if (typeof keyid !== "string") throw bad(`has a keyid that is no text in signatures[${index}]`);
  const sig = typeof value["sig"] === "string" ? decodeAnyBase64(value["sig"]) : undefined;
  if (sig === undefined) throw bad(`has a sig that is not base64 in signatures[${index}]`);
  return { keyid, sig };
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHERE} ${reason}`);
