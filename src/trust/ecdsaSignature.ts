import type { HashName, KeyKind, SignatureScheme } from "#core/keyAlgorithm.ts";

/** The kinds of key that make ECDSA signatures. */
export type CurveKind = Extract<KeyKind, `ecdsa-${string}`>;

interface Curve {
  /** Bytes of r and of s. */
  readonly size: number;
  /** Order of the group (FIPS 186-5, SP 800-186 section 3.2.1), big-endian. */
  readonly order: Buffer;
  /** The key's own hash first; SHA-256 second, because cosign could be told to use it (cosign.md 4.4). */
  readonly hashes: readonly Hash[];
}

interface Hash {
  readonly name: HashName;
  readonly scheme: SignatureScheme;
}

const SHA256: Hash = { name: "sha256", scheme: "ecdsa-sha256" };
const SHA384: Hash = { name: "sha384", scheme: "ecdsa-sha384" };
const SHA512: Hash = { name: "sha512", scheme: "ecdsa-sha512" };

const CURVES = {
  "ecdsa-p256": {
    size: 32,
    order: Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex"),
    hashes: [SHA256],
  },
  "ecdsa-p384": {
    size: 48,
    order: Buffer.from(
      "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
      "hex",
    ),
    hashes: [SHA384, SHA256],
  },
  "ecdsa-p521": {
    size: 66,
    order: Buffer.from(
      "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa" +
        "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
      "hex",
    ),
    hashes: [SHA512, SHA256],
  },
} as const satisfies Record<CurveKind, Curve>;

/** The hashes that a signature of this kind of key may be over, the key's own first. */
export const curveHashes = (kind: CurveKind): readonly Hash[] => CURVES[kind].hashes;

/**
 * An ECDSA signature as r and s side by side (IEEE P1363), each as long as the group's order: from strict DER, or as it is
 * where it has that form, as cosign reads them, high s included (cosign.md 11, 7). Undefined for anything else.
 */
export const readEcdsa = (kind: CurveKind, signature: Uint8Array): Uint8Array | undefined => {
  const { size } = CURVES[kind];
  return inRange(kind, readDer(signature, size) ?? (signature.length === 2 * size ? signature : undefined));
};

/** The same for a signature that has no form but DER, such as a certificate's. */
export const readDerEcdsa = (kind: CurveKind, signature: Uint8Array): Uint8Array | undefined =>
  inRange(kind, readDer(signature, CURVES[kind].size));

/** 1 <= r, s < n (SEC 1 section 4.1.4, step 1): r + n would be a second signature of the same kind. */
const inRange = (kind: CurveKind, raw: Uint8Array | undefined): Uint8Array | undefined => {
  const { size, order } = CURVES[kind];
  const isWhole = (number: Uint8Array) => number.some((byte) => byte !== 0) && Buffer.compare(number, order) < 0;
  return raw !== undefined && isWhole(raw.subarray(0, size)) && isWhole(raw.subarray(size)) ? raw : undefined;
};

/**
 * Ecdsa-Sig-Value (RFC 3279 section 2.2.3) in DER, as r and s side by side; undefined for any other byte string, BER
 * included: OpenSSL's own reader lets some of it pass, and then one signature has many spellings.
 */
const readDer = (der: Uint8Array, size: number): Uint8Array | undefined => {
  // Only two P-521 integers need more than 127 bytes, and then exactly one byte says how many.
  const long = der[1] === 0x81;
  const start = long ? 3 : 2;
  const length = der[start - 1];
  if (der[0] !== 0x30 || length === undefined || (long ? length < 0x80 : length >= 0x80)) return undefined;
  if (der.length !== start + length) return undefined;
  const raw = new Uint8Array(2 * size);
  const middle = readInteger(der, start, raw.subarray(0, size));
  if (middle === undefined) return undefined;
  return readInteger(der, middle, raw.subarray(size)) === der.length ? raw : undefined;
};

/** Copies the non-negative INTEGER at `at` right-aligned into `target`; returns where it ends, undefined if it is none. */
const readInteger = (der: Uint8Array, at: number, target: Uint8Array): number | undefined => {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length === 0 || length >= 0x80) return undefined;
  const end = at + 2 + length;
  if (end > der.length) return undefined;
  const [first = 0, second = 0] = der.subarray(at + 2, end);
  // X.690 section 8.3.2: the first nine bits are neither all zero nor all one; a leading one is a negative number.
  if (first >= 0x80 || (first === 0 && length > 1 && second < 0x80)) return undefined;
  const digits = der.subarray(first === 0 && length > 1 ? at + 3 : at + 2, end);
  if (digits.length > target.length) return undefined;
  target.set(digits, target.length - digits.length);
  return end;
};
