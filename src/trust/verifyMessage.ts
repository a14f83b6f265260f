import { publicKeyHint } from "#claims/bundle.ts";
import type { MessageClaim } from "#claims/claim.ts";
import type { HashName, SignatureScheme } from "#core/keyAlgorithm.ts";
import type { Message } from "#core/message.ts";
import { checkMessage } from "#trust/checkMessage.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import type { ClaimSigner } from "#trust/findSigner.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** Who signed the message, or why the claim does not count. */
export type MessageVerdict =
  | { readonly ok: true; readonly signer: ClaimSigner }
  | { readonly ok: false; readonly fault: Fault };

/**
 * Judges a signature over a file's bytes; synchronous, no I/O. `hash` demands that exactly this one was signed over. The
 * digest that a bundle names is not signed, but a bundle that contradicts itself is refused (cosign.md 11, 10).
 */
export const verifyMessage = (
  claim: MessageClaim,
  message: Message,
  trust: TrustMaterial,
  hash?: string,
): MessageVerdict => {
  if (claim.found.form === "bundle" && claim.material === "certificate") return { ok: false, fault: CERTIFICATE };
  const signer = findSigner(claim, message, trust);
  const contradiction = contradict(claim, message, !isFault(signer));
  if (contradiction !== undefined) return { ok: false, fault: contradiction };
  if (isFault(signer)) return { ok: false, fault: signer };
  const made = SCHEME_HASHES[signer.scheme];
  if (hash === undefined || made === undefined || made === hash) return { ok: true, signer };
  return { ok: false, fault: { code: "bad-signature", reason: `its signature is over ${made}, not over ${hash}` } };
};

// A bundle that says it is by a certificate must not pass as a key's (cosign.md 5.4, item 3).
const CERTIFICATE: Fault = {
  code: "certificate-signed",
  reason: "it is signed with a certificate; a trusted key was asked for",
};

/** What a signature over a message is over; Ed25519 takes no hash from outside. */
export const SCHEME_HASHES: Readonly<Record<SignatureScheme, HashName | undefined>> = {
  "ecdsa-sha256": "sha256",
  "ecdsa-sha384": "sha384",
  "ecdsa-sha512": "sha512",
  "rsa-pkcs1-sha256": "sha256",
  ed25519: undefined,
  ed25519ph: undefined,
};

const contradict = ({ digest }: MessageClaim, { digests }: Message, signed: boolean): Fault | undefined => {
  if (digest === undefined) return undefined;
  const there = digests.get(digest.hash);
  if (there !== undefined && Buffer.compare(there, digest.value) === 0) return undefined;
  const [named, has] = [digest.value, there].map((one) => Buffer.from(one ?? []).toString("hex"));
  const reason = signed
    ? `its signature fits, but it names the digest ${digest.hash}:${named}, which is another file's`
    : `it was made for another file, or this one was changed: it names ${digest.hash}:${named}, and this is ${has}`;
  return { code: "message-digest", reason };
};

const findSigner = (claim: MessageClaim, message: Message, trust: TrustMaterial): ClaimSigner | Fault => {
  for (const { name, key } of trust.keys) {
    const scheme = checkMessage(key, message, claim.signature);
    if (scheme !== undefined) return { name, key, scheme };
  }
  if (trust.keys.length === 0) return { code: "wrong-key", reason: "no key is trusted" };
  if (claim.material === "certificate") return CERTIFICATE;
  const named = trust.keys.find(({ key }) => publicKeyHint(key.spki) === claim.keyHint);
  if (named === undefined)
    return { code: "wrong-key", reason: "no trusted key made its signature: another key did, or the file was changed" };
  const reason = `it names the key ${quoted(named.name)}, but its signature does not fit: it or the file was changed`;
  return { code: "bad-signature", reason };
};
