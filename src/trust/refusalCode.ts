/**
 * Why a claim does not count, and how far it came before it failed; one that somebody trusted signed is nearer than any
 * other.
 */
export const NEARNESS = {
  unreadable: 0,
  "not-an-attestation": 1,
  "payload-type": 2,
  "signature-count": 2,
  "wrong-key": 3,
  "certificate-signed": 4,
  "certificate-malformed": 4,
  "certificate-key": 4,
  "certificate-limits": 4,
  "certificate-chain-root": 4,
  "certificate-is-ca": 4,
  "certificate-purpose": 4,
  "certificate-names": 4,
  "certificate-path": 4,
  "certificate-not-yet": 4,
  "certificate-expired": 4,
  "bad-signature": 5,
  "message-digest": 5,
  "payload-malformed": 6,
  "statement-type": 6,
  "not-a-signature": 7,
  "predicate-type": 7,
  subject: 8,
  annotations: 9,
} as const;

export type RefusalCode = keyof typeof NEARNESS;
