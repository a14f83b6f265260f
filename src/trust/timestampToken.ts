import { demandDerTree, demandTag, readDerList, readDerNumber, readDerValue, TAG } from "#claims/strictDer.ts";
import { hasCode, WaybillError } from "#core/errors.ts";
import type { Fault } from "#trust/fault.ts";
import { readSignedData, readSignerInfo } from "#trust/signedData.ts";
import type { SignedData, SignerInfo } from "#trust/signedData.ts";
import { readTimestampInfo } from "#trust/timestampInfo.ts";
import type { TimestampInfo } from "#trust/timestampInfo.ts";

/** A timestamp token of one signer (RFC 3161 section 2.4.2). Nothing of it is verified. */
export interface TimestampToken {
  readonly info: TimestampInfo;
  readonly signed: SignedData;
  readonly signer: SignerInfo;
}

/** id-ct-TSTInfo. */
export const TST_INFO = "1.2.840.113549.1.9.16.1.4";

// With four certificates of RSA-4096, a token has about 8 KiB; without any, one.
const MAX_TOKEN = 64 * 1024;

/** Reads a TimeStampResp, or the token alone. Whatever is wrong with it is a fault; nothing is thrown. */
export const readTimestampToken = (response: Uint8Array): TimestampToken | Fault => {
  try {
    return readResponse(response);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { code: "timestamp-malformed", reason: `its timestamp cannot be read: ${error.message}` };
  }
};

const readResponse = (response: Uint8Array): TimestampToken | Fault => {
  if (response.byteLength > MAX_TOKEN) {
    throw new WaybillError("LIMIT_EXCEEDED", `${response.byteLength} bytes; at most ${MAX_TOKEN} are read`);
  }
  const top = demandDerTree(readDerValue(response, "the timestamp"), "the timestamp");
  const [first, token, ...more] = readDerList(top, TAG.sequence, "the timestamp");
  // A ContentInfo starts with its type, a response with a SEQUENCE, its status.
  if (first?.tag === TAG.oid) return readToken(response);
  const [number, ...rest] = readDerList(first, TAG.sequence, "the timestamp's status");
  const status = readDerNumber(number, "the timestamp's status");
  // Section 2.4.2: granted, or granted with modifications; why not is only said where it is neither.
  if (status > 1 || rest.some(({ tag }) => tag === TAG.bitString)) {
    return {
      code: "timestamp-status",
      reason: `its timestamp was not granted: the authority answered with status ${status}`,
    };
  }
  if (more.length > 0) throw new WaybillError("INPUT_INVALID", "the timestamp is followed by something");
  return readToken(demandTag(token, TAG.sequence, "the timestamp's token").bytes);
};

const readToken = (bytes: Uint8Array): TimestampToken | Fault => {
  const signed = readSignedData(bytes);
  if (signed.contentType !== TST_INFO) {
    throw new WaybillError("INPUT_INVALID", `it signs content of the type ${signed.contentType}`);
  }
  const [signer, ...more] = signed.signers;
  if (signer === undefined || more.length > 0) {
    const reason = `its timestamp has ${signed.signers.length} signers; one is to answer for it`;
    return { code: "timestamp-signers", reason };
  }
  return { info: readTimestampInfo(signed.content), signed, signer: readSignerInfo(signer) };
};
