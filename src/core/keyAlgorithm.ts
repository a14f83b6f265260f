/** The key kinds that are allowed (attack 23); RSA of 2048 to 4096 bits. */
export type KeyKind = "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "ed25519" | "rsa";

/** What a signature over bytes was made with: the hash comes from the key (cosign.md 4.4). */
export type SignatureScheme =
  | "ecdsa-sha256"
  | "ecdsa-sha384"
  | "ecdsa-sha512"
  | "ed25519"
  | "ed25519ph"
  | "rsa-pkcs1-sha256";

/** A public key as SPKI DER, which is what identifies it. */
export interface PublicKey {
  readonly kind: KeyKind;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** RSA modulus bits; undefined for other kinds. */
  readonly bits?: number;
}
