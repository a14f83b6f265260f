import { decodeBase64 } from "#claims/base64.ts";
import type { GivenProofs } from "#claims/givenProofs.ts";
import { pemCertificates } from "#claims/pemCertificates.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";

/** Files that stand beside papers. */
export interface GivenFiles {
  /** PEM or DER, or either in base64. */
  readonly certificate: string | undefined;
  /** As the authority gave it: JSON or the TLS structure. */
  readonly sct: string | undefined;
  /** cosign's JSON, or a TimeStampResp in DER. */
  readonly timestamp: string | undefined;
}

/** Reads what a user gives beside papers; undefined where nothing is given. INPUT_INVALID, and what reading a file throws. */
export const readGivenProofs = async (
  { certificate, sct, timestamp }: GivenFiles,
  read: (path: string) => Promise<Uint8Array>,
): Promise<GivenProofs | undefined> => {
  if (certificate === undefined && sct === undefined && timestamp === undefined) return undefined;
  return {
    certificates: certificate === undefined ? [] : [readCertificateFile(await read(certificate), certificate)],
    timestamps: timestamp === undefined ? [] : [readTimestampFile(await read(timestamp), timestamp)],
    ...(sct === undefined ? {} : { sct: await read(sct) }),
  };
};

const SEQUENCE = 0x30;

const readCertificateFile = (bytes: Uint8Array, path: string): Uint8Array => {
  const text = Buffer.from(bytes).toString("latin1").trim();
  const inner = decodeBase64(text.replaceAll("\n", "")) ?? bytes;
  const [first, ...more] = inner[0] === SEQUENCE ? [inner] : pemCertificates(inner);
  if (first !== undefined && more.length === 0) return first;
  const found = first === undefined ? "no certificate" : `${more.length + 1} certificates`;
  throw new WaybillError("INPUT_INVALID", `--certificate ${path}: it holds ${found}; one in PEM or DER is wanted`, {
    hint: "Give the certificate that signed; authorities above it go to --certificate-chain or --ca-intermediates.",
  });
};

const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 4, maxValues: 16 };

const readTimestampFile = (bytes: Uint8Array, path: string): Uint8Array => {
  if (bytes[0] === SEQUENCE) return bytes;
  const value = parseStrict(bytes, `--rfc3161-timestamp ${path}`, LIMITS);
  const text = isJsonObject(value) ? value["SignedRFC3161Timestamp"] : undefined;
  const token = typeof text === "string" ? decodeBase64(text) : undefined;
  if (token !== undefined) return token;
  throw new WaybillError("INPUT_INVALID", `--rfc3161-timestamp ${path}: it holds no SignedRFC3161Timestamp in base64`, {
    hint: "Give what sign --rfc3161-timestamp wrote, or the authority's answer in DER.",
  });
};
