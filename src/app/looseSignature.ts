import { decodeBase64 } from "#claims/base64.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { signedName } from "#core/reference.ts";
import type { Reference } from "#core/reference.ts";
import type { PaperBatch } from "#app/gatherPapers.ts";

/** An image's signature outside of any store, as `sign --output-signature` and `--output-payload` leave it. */
export interface LooseSignature {
  /** File that it is from, for messages. */
  readonly file: string;
  readonly signature: Uint8Array;
  /** What was signed; undefined: what `sign` signs where nothing else is said. */
  readonly payload: Uint8Array | undefined;
}

// The longest signature of any allowed key is RSA's, of 512 bytes.
const MAX_SIGNATURE = 8192;

/** The signature in a text of base64. INPUT_INVALID for anything else. */
export const readLooseSignature = (text: Uint8Array, file: string): Uint8Array => {
  const trimmed = Buffer.from(text).toString("latin1").trim();
  const signature = trimmed.length > MAX_SIGNATURE ? undefined : decodeBase64(trimmed);
  if (signature !== undefined && signature.byteLength > 0) return signature;
  throw new WaybillError("INPUT_INVALID", `${file} is no signature: base64 is wanted`, {
    hint: "Give what sign --output-signature wrote.",
  });
};

/** The one paper that there is to judge. */
export const looseBatch = (
  { file, signature, payload }: LooseSignature,
  reference: Reference,
  digest: Digest,
): PaperBatch => {
  const signed = payload ?? writeSimpleSigning({ dockerReference: signedName(reference), digest, annotations: {} });
  const found = { form: "legacy", manifest: digestOf(signed), file } as const;
  const candidate = { kind: "simple-signing", found, payload: signed, signature, material: "none" } as const;
  return { papers: [{ candidate, hint: undefined }], failures: [], moreLikely: false };
};
