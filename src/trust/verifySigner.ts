import { publicKeyHint } from "#claims/bundle.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { isWithin } from "#trust/window.ts";
import { nearestFault } from "#trust/nearestFault.ts";
import type { SignedInput } from "#trust/signedInput.ts";
import type { SignerVerdict } from "#trust/signerVerdict.ts";
import type { ClaimSigner, Proofs, TrustMaterial, TrustedKey } from "#trust/verifiedClaim.ts";
import { verifyCertified } from "#trust/verifyCertified.ts";
import { verifyProofs } from "#trust/verifyProofs.ts";

/**
 * The trusted key or identity that made one of the signatures, with every proof that is demanded of it. What says that it
 * is by a certificate is never taken for a key's in a bundle, nor the other way round (cosign.md 5.4, item 3). `at` is the time
 * of verification: nothing may be proven to be younger.
 */
export const verifySigner = (input: SignedInput, trust: TrustMaterial, at: Date): SignerVerdict | Fault => {
  const { certified = [], keys } = trust;
  if (keys.length + certified.length === 0) return { code: "wrong-key", reason: "no key and no identity is trusted" };
  if (input.material === "certificate" && certified.length > 0) {
    const verdict = verifyCertified(input, certified, at);
    // A tag's layer may carry a certificate for the key that is trusted.
    return isFault(verdict) && keys.length > 0 && input.form === "legacy" ? verifyKeyed(input, keys, at) : verdict;
  }
  if (keys.length === 0) return KEY_SIGNED;
  if (input.form === "bundle" && input.material === "certificate") return CERTIFICATE_SIGNED;
  return verifyKeyed(input, keys, at);
};

/** Nor a key's as one of a certificate. */
export const KEY_SIGNED: Fault = {
  code: "key-signed",
  reason: "it carries no certificate, so a key signed it; a certificate of the identity was asked for",
};

/** A bundle that says it is by a certificate must not pass as a key's. */
export const CERTIFICATE_SIGNED: Fault = {
  code: "certificate-signed",
  reason: "it is signed with a certificate; a trusted key was asked for",
};

/** A key that is listed twice speaks under its first name only (attack 19). */
const verifyKeyed = (input: SignedInput, keys: readonly TrustedKey[], at: Date): SignerVerdict | Fault => {
  const faults: Fault[] = [];
  for (const trusted of keys) {
    for (const signature of input.signatures) {
      const scheme = input.check(trusted.key, signature);
      if (scheme === undefined) continue;
      const signer = { name: trusted.name, key: trusted.key, scheme };
      const proofs = proveKeyed(input, signature, signer, trusted, at);
      if (!isFault(proofs)) return { signer, proofs };
      faults.push(proofs);
    }
  }
  return nearestFault(faults) ?? explain(input, keys);
};

const UNPROVEN: Proofs = { log: "not checked", timestamp: "not checked" };

const proveKeyed = (
  input: SignedInput,
  signature: Uint8Array,
  signer: ClaimSigner,
  { window, backing, name }: TrustedKey,
  at: Date,
): Proofs | Fault => {
  const verifier = { kind: "key", key: signer.key } as const;
  const proofs =
    backing === undefined
      ? UNPROVEN
      : verifyProofs({ input, signature, scheme: signer.scheme, verifier }, backing, { at, isTimeNeeded: false });
  if (isFault(proofs) || window === undefined) return proofs;
  const time = proofs.time?.at ?? at;
  if (isWithin(window, time)) return proofs;
  return { code: "key-window", reason: `the key ${quoted(name)} is not trusted for ${time.toISOString()}` };
};

/** Nothing here is evidence; it only tells people where to look. */
const explain = ({ material, keyHint, change }: SignedInput, keys: readonly TrustedKey[]): Fault => {
  if (material === "certificate") return CERTIFICATE_SIGNED;
  const named = keyHint === undefined ? undefined : keys.find(({ key }) => publicKeyHint(key.spki) === keyHint);
  if (named !== undefined) {
    const reason = `it names the key ${quoted(named.name)}, but its signature does not fit: ${change}`;
    return { code: "bad-signature", reason };
  }
  return {
    code: "wrong-key",
    reason: `no trusted key made its signature: another key did, or ${change}`,
  };
};
