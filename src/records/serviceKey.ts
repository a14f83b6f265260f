import type { KeyKind } from "#core/keyAlgorithm.ts";

/** `current`: a process of the service signs with it; `retired`: none does any more, what it signed stays signed. */
export type KeyState = "current" | "retired";

/** A public key that the service signs with or has signed with. It belongs to no tenant: one service, one key for all. */
export interface ServiceKey {
  /** `sha256:` and the hex of the SHA-256 of its SubjectPublicKeyInfo, as in `IssuedPaper.key`. */
  readonly id: string;
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
  readonly algorithm: KeyKind;
  readonly state: KeyState;
  /** Milliseconds since 1970. */
  readonly firstSeenAt: number;
  /** Undefined for a current one. */
  readonly retiredAt: number | undefined;
}
