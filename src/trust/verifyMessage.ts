import type { MessageClaim } from "#claims/claim.ts";
import type { HashName, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Message } from "#core/message.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { signedMessage } from "#trust/signedInput.ts";
import type { SignerVerdict } from "#trust/signerVerdict.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";
import { CERTIFICATE_SIGNED, KEY_SIGNED, verifySigner } from "#trust/verifySigner.ts";

/** Who signed the message, or why the claim does not count. */
export type MessageVerdict = ({ readonly ok: true } & SignerVerdict) | { readonly ok: false; readonly fault: Fault };

/**
 * Judges a signature over a file's bytes; synchronous, no I/O. `hash` demands that exactly this one was signed over. The
 * digest that a bundle names is not signed, but a bundle that contradicts itself is refused (cosign.md 11, 10).
 */
export const verifyMessage = (
  claim: MessageClaim,
  message: Message,
  trust: TrustMaterial,
  { at, hash }: { readonly at: Date; readonly hash?: string | undefined },
): MessageVerdict => {
  const verdict = verifySigner(signedMessage(claim, message), trust, at);
  const contradiction = SHAPE_FAULTS.includes(verdict)
    ? undefined
    : contradict(claim, message, isFault(verdict) ? undefined : verdict.signer.scheme);
  if (contradiction !== undefined) return { ok: false, fault: contradiction };
  if (isFault(verdict)) return { ok: false, fault: verdict };
  const made = SCHEME_HASHES[verdict.signer.scheme];
  if (hash === undefined || made === undefined || made === hash) return { ok: true, ...verdict };
  return { ok: false, fault: { code: "bad-signature", reason: `its signature is over ${made}, not over ${hash}` } };
};

// Whoever asked for something else wants to know that first.
const SHAPE_FAULTS: readonly object[] = [CERTIFICATE_SIGNED, KEY_SIGNED];

/** What a signature over a message is over; Ed25519 takes no hash from outside. */
export const SCHEME_HASHES: Readonly<Record<SignatureScheme, HashName | undefined>> = {
  "ecdsa-sha256": "sha256",
  "ecdsa-sha384": "sha384",
  "ecdsa-sha512": "sha512",
  "rsa-pkcs1-sha256": "sha256",
  ed25519: undefined,
  ed25519ph: undefined,
};

const UNNAMED: Fault = {
  code: "message-digest",
  reason: "it does not name the digest of what it signs (messageDigest)",
};

const contradict = (
  { digest, found }: MessageClaim,
  { digests }: Message,
  scheme: SignatureScheme | undefined,
): Fault | undefined => {
  const signed = scheme !== undefined;
  // cosign leaves it away under Ed25519 keys (cosign.md 11, 6); every client demands it of all others.
  if (digest === undefined) {
    const isDemanded = signed && found.form === "bundle" && SCHEME_HASHES[scheme] !== undefined;
    return isDemanded ? UNNAMED : undefined;
  }
  const there = digests.get(digest.hash);
  if (there !== undefined && Buffer.compare(there, digest.value) === 0) return undefined;
  const [named, has] = [digest.value, there].map((one) => Buffer.from(one ?? []).toString("hex"));
  const reason = signed
    ? `its signature fits, but it names the digest ${digest.hash}:${named}, which is another file's`
    : `it was made for another file, or this one was changed: it names ${digest.hash}:${named}, and this is ${has}`;
  return { code: "message-digest", reason };
};
