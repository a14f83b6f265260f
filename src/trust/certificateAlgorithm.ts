import { WaybillError } from "#core/errors.ts";
import type { CertificateSignatureAlgorithm } from "#trust/certificate.ts";

// Whole AlgorithmIdentifiers: ECDSA and Ed25519 without parameters (RFC 5758 section 3.2, RFC 8410 section 3), RSA with NULL
// (RFC 4055 section 5). Everything else, SHA-1 and PSS among it, is not allowed (attack 23).
const ALGORITHMS: ReadonlyMap<string, CertificateSignatureAlgorithm> = new Map([
  ["300a06082a8648ce3d040302", "ecdsa-sha256"],
  ["300a06082a8648ce3d040303", "ecdsa-sha384"],
  ["300a06082a8648ce3d040304", "ecdsa-sha512"],
  ["300d06092a864886f70d01010b0500", "rsa-pkcs1-sha256"],
  ["300d06092a864886f70d01010c0500", "rsa-pkcs1-sha384"],
  ["300d06092a864886f70d01010d0500", "rsa-pkcs1-sha512"],
  ["300506032b6570", "ed25519"],
]);

// The longest of them has 15 octets.
const SHOWN_OCTETS = 32;

/** The algorithm that an AlgorithmIdentifier (DER) names. KEY_WEAK for every other one, and for unusual parameters. */
export const readCertificateAlgorithm = (identifier: Uint8Array, what: string): CertificateSignatureAlgorithm => {
  const hex = Buffer.from(identifier.subarray(0, SHOWN_OCTETS)).toString("hex");
  const algorithm = identifier.byteLength <= SHOWN_OCTETS ? ALGORITHMS.get(hex) : undefined;
  if (algorithm !== undefined) return algorithm;
  throw new WaybillError(
    "KEY_WEAK",
    `${what} is signed with an algorithm or parameters that are not allowed (${hex}): ECDSA, RSA PKCS#1 v1.5 with SHA-256, ` +
      "SHA-384 or SHA-512, or Ed25519 are",
  );
};
