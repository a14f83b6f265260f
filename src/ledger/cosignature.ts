import { WaybillError } from "#core/errors.ts";
import type { NoteVerifier } from "#ledger/openNote.ts";
import { noteKeyId } from "#ledger/noteKey.ts";

/** That a witness saw a checkpoint as the log's largest (C2SP tlog-cosignature, Ed25519). */
export interface Cosignature {
  /** Seconds since 1970. */
  readonly time: bigint;
  /** Ed25519 over `cosignedBytes`, 64 bytes. */
  readonly signature: Uint8Array;
}

const MAX_TIME = 2n ** 63n - 1n;
const SIZE = 8 + 64;

/** What a witness signs of a checkpoint's text. INPUT_INVALID for a time that no cosignature can have. */
export const cosignedBytes = (text: string | Uint8Array, time: bigint): Uint8Array => {
  if (time < 0n || time > MAX_TIME) throw new WaybillError("INPUT_INVALID", `cosignature: ${time} is no time`);
  return Buffer.concat([Buffer.from(`cosignature/v1\ntime ${time}\n`), Buffer.from(text)]);
};

/** The signature of a note's line. INPUT_INVALID as in `cosignedBytes`. */
export const writeCosignature = ({ time, signature }: Cosignature): Uint8Array => {
  if (signature.byteLength !== SIZE - 8 || time < 0n || time > MAX_TIME)
    throw new WaybillError("INPUT_INVALID", "cosignature: no Ed25519 signature with a time");
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(time);
  return Buffer.concat([head, signature]);
};

/** Undefined for what is none. */
export const readCosignature = (bytes: Uint8Array): Cosignature | undefined => {
  if (bytes.byteLength !== SIZE) return undefined;
  const time = Buffer.from(bytes.subarray(0, 8)).readBigUInt64BE();
  return time > MAX_TIME ? undefined : { time, signature: bytes.subarray(8) };
};

/** A witness as `openNote` wants it; `keyHash` as `cosignerKeyHash` gives it, `verify` checks plain Ed25519. */
export const cosignatureVerifier = (
  name: string,
  keyHash: Uint8Array,
  verify: (bytes: Uint8Array, signature: Uint8Array) => boolean,
): NoteVerifier => ({
  name,
  id: noteKeyId(keyHash),
  check: (text, bytes) => {
    const cosignature = readCosignature(bytes);
    return cosignature !== undefined && verify(cosignedBytes(text, cosignature.time), cosignature.signature);
  },
});
