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
