/** The key kinds that are allowed (attack 23); RSA of 2048 to 4096 bits. */
export type KeyKind = "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "ed25519" | "rsa";

/** Hashes that signatures are made over. */
export type HashName = "sha256" | "sha384" | "sha512";

/** The hash of a message that a key of this kind signs (cosign.md 4.4); Ed25519's is that of its prehashed form. */
export const messageHash = (kind: KeyKind): HashName => {
  if (kind === "ecdsa-p384") return "sha384";
  return kind === "ecdsa-p521" || kind === "ed25519" ? "sha512" : "sha256";
};

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
