import type { PublicKey } from "#core/keyAlgorithm.ts";

/** A name under which a certificate's holder goes (RFC 5280 section 4.2.1.6). */
export interface AlternativeName {
  readonly kind: "uri" | "email" | "dns" | "ip" | "other";
  readonly value: string;
}

/** How an issuer signed: the only ones that are allowed. */
export type CertificateSignatureAlgorithm =
  | "ecdsa-sha256"
  | "ecdsa-sha384"
  | "ecdsa-sha512"
  | "rsa-pkcs1-sha256"
  | "rsa-pkcs1-sha384"
  | "rsa-pkcs1-sha512"
  | "ed25519";

/** An X.509 certificate as it says of itself (RFC 5280); nobody has vouched for it yet. */
export interface Certificate {
  readonly der: Uint8Array;
  /** What the issuer signed: exact bytes. */
  readonly tbs: Uint8Array;
  /** Content octets of the serial number. */
  readonly serial: Uint8Array;
  /** The issuer's and the holder's Name, exact DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: PublicKey;
  readonly signatureAlgorithm: CertificateSignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  /** Bits of the keyUsage extension by their names in RFC 5280 section 4.2.1.3; undefined where there is none. */
  readonly keyUsage: ReadonlySet<string> | undefined;
  /** Object identifiers; undefined where there is no such extension. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly names: readonly AlternativeName[];
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, { readonly critical: boolean; readonly value: Uint8Array }>;
}
