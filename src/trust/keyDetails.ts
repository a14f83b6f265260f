import { encodeBase64 } from "#claims/base64.ts";
import { hasCode } from "#core/errors.ts";
import type { KeyKind, PublicKey } from "#core/keyAlgorithm.ts";
import type { Json } from "#core/strictJson.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";

interface KeyForm {
  readonly number: number;
  readonly kind: KeyKind;
  readonly bits?: number;
  readonly label: "PUBLIC KEY" | "RSA PUBLIC KEY";
}

const pkix = (number: number, kind: KeyKind, bits?: number): KeyForm => ({
  number,
  kind,
  label: "PUBLIC KEY",
  ...(bits === undefined ? {} : { bits }),
});

// PublicKeyDetails of sigstore_common.proto whose signatures are the one kind that we verify under such a key. Deterministic
// ECDSA is verified as any other.
const FORMS: ReadonlyMap<string, KeyForm> = new Map([
  ["PKCS1_RSA_PKCS1V5", { number: 1, kind: "rsa", label: "RSA PUBLIC KEY" }],
  ["PKIX_RSA_PKCS1V5", pkix(3, "rsa")],
  ["PKIX_ECDSA_P256_SHA_256", pkix(5, "ecdsa-p256")],
  ["PKIX_ECDSA_P256_HMAC_SHA_256", pkix(6, "ecdsa-p256")],
  ["PKIX_ED25519", pkix(7, "ed25519")],
  ["PKIX_RSA_PKCS1V15_2048_SHA256", pkix(9, "rsa", 2048)],
  ["PKIX_RSA_PKCS1V15_3072_SHA256", pkix(10, "rsa", 3072)],
  ["PKIX_RSA_PKCS1V15_4096_SHA256", pkix(11, "rsa", 4096)],
  ["PKIX_ECDSA_P384_SHA_384", pkix(12, "ecdsa-p384")],
  ["PKIX_ECDSA_P521_SHA_512", pkix(13, "ecdsa-p521")],
]);

/**
 * The key of a log, given that it is what `keyDetails` (a name, or its number) says. TRUST_INVALID where it is not or is no
 * key, KEY_WEAK for sizes and points that are not allowed.
 */
export const readDetailedKey = (der: Uint8Array, details: Json | undefined, what: string): PublicKey => {
  const [name, form] = formOf(details) ?? [];
  if (name === undefined || form === undefined) {
    const shown = JSON.stringify(details ?? null).slice(0, 80);
    throw trustFlaw("unreadable", `${what}.keyDetails is ${shown}, which is no kind of key that is supported`);
  }
  const key = decode(der, form, what);
  if (key.kind === form.kind && (form.bits === undefined || form.bits === key.bits)) return key;
  const is = key.bits === undefined ? key.kind : `RSA of ${key.bits} bits`;
  throw trustFlaw("wrong-key-details", `${what}.keyDetails is ${name}, and the key is ${is}`);
};

const formOf = (details: Json | undefined): readonly [string, KeyForm] | undefined =>
  [...FORMS].find(([name, { number }]) => details === name || details === number);

const decode = (der: Uint8Array, { label }: KeyForm, what: string): PublicKey => {
  try {
    return parsePublicKey(`-----BEGIN ${label}-----\n${encodeBase64(der)}\n-----END ${label}-----\n`, what);
  } catch (thrown) {
    if (!hasCode(thrown, "TRUST_INVALID")) throw thrown;
    throw trustFlaw("unreadable", thrown.message, thrown);
  }
};

/** What cosign's `trusted-root create` calls a key; undefined for RSA of sizes that have no name. */
export const keyDetailsOf = ({ kind, bits }: PublicKey): string | undefined =>
  [...FORMS].find(([, form]) => form.kind === kind && form.label === "PUBLIC KEY" && form.bits === bits)?.[0];
