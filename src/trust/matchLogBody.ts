import { hash } from "node:crypto";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import type { HashName, KeyKind, PublicKey, SignatureScheme } from "#core/keyAlgorithm.ts";
import { quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import type { LogBody, LoggedDigest, LoggedVerifier } from "#trust/logBody.ts";
import type { SignedThing } from "#trust/signedThing.ts";

/**
 * Whether an entry is about exactly this signature by exactly this key or certificate over exactly this content: a good
 * entry about anything else says nothing (attack 15). Undefined where it is.
 */
export const matchLogBody = (body: LogBody, thing: SignedThing): Fault | undefined => {
  // Rekor v1 has kinds of their own for envelopes, and nobody writes one down as a message.
  const isOfMessage = body.generation === 1 && body.digests.some(({ of }) => of === "signed" || of === "message");
  if (isOfMessage && thing.content.kind === "dsse")
    return { code: "log-body-kind", reason: `its log entry is of the kind ${body.kind}, which is for messages` };
  const all = thing.content.kind === "dsse" ? thing.content.envelope.signatures.map(({ sig }) => sig) : [];
  const carried = [thing.signature, ...all];
  const { signatures } = body;
  const own = signatures.filter(({ signature }) => signature === undefined || isSame(signature, thing.signature));
  const isForeign = ({ signature }: (typeof signatures)[number]): boolean =>
    signature !== undefined && !carried.some((one) => isSame(one, signature));
  if (own.length === 0 || signatures.some(isForeign))
    return { code: "log-body-signature", reason: "its log entry is about another signature" };
  if (!own.some(({ verifier }) => isBy(verifier, thing)))
    return { code: "log-body-key", reason: `its log entry is about another ${thing.verifier.kind}` };
  const odd = own.find(({ verifier }) => !isOfScheme(verifier, thing));
  if (odd !== undefined) {
    const reason = `its log entry calls the key ${quoted(odd.verifier.details ?? "")}, which the signature is not by`;
    return { code: "log-body-key", reason };
  }
  return body.digests.map((digest) => matchDigest(digest, thing)).find((fault) => fault !== undefined);
};

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

const isBy = ({ kind, der }: LoggedVerifier, { verifier }: SignedThing): boolean =>
  kind === verifier.kind && isSame(der, verifier.kind === "key" ? verifier.key.spki : verifier.certificate.der);

const keyOf = ({ verifier }: SignedThing): PublicKey =>
  verifier.kind === "key" ? verifier.key : verifier.certificate.key;

// sigstore_common.proto, PublicKeyDetails: the algorithms that `checkSignature` knows.
const DETAILS: Readonly<Record<string, readonly [KeyKind, SignatureScheme, bits?: number]>> = {
  PKIX_ECDSA_P256_SHA_256: ["ecdsa-p256", "ecdsa-sha256"],
  PKIX_ECDSA_P384_SHA_256: ["ecdsa-p384", "ecdsa-sha256"],
  PKIX_ECDSA_P384_SHA_384: ["ecdsa-p384", "ecdsa-sha384"],
  PKIX_ECDSA_P521_SHA_256: ["ecdsa-p521", "ecdsa-sha256"],
  PKIX_ECDSA_P521_SHA_512: ["ecdsa-p521", "ecdsa-sha512"],
  PKIX_ED25519: ["ed25519", "ed25519"],
  PKIX_ED25519_PH: ["ed25519", "ed25519ph"],
  PKIX_RSA_PKCS1V15_2048_SHA256: ["rsa", "rsa-pkcs1-sha256", 2048],
  PKIX_RSA_PKCS1V15_3072_SHA256: ["rsa", "rsa-pkcs1-sha256", 3072],
  PKIX_RSA_PKCS1V15_4096_SHA256: ["rsa", "rsa-pkcs1-sha256", 4096],
};

const isOfScheme = ({ details }: LoggedVerifier, thing: SignedThing): boolean => {
  if (details === undefined) return true;
  const [kind, scheme, bits] = (Object.hasOwn(DETAILS, details) ? DETAILS[details] : undefined) ?? [];
  const key = keyOf(thing);
  return kind === key.kind && scheme === thing.scheme && (bits === undefined || bits === key.bits);
};

// Pure Ed25519 takes the message whole, so that its digest may be by any of them.
const HASHES: Readonly<Record<SignatureScheme, HashName | undefined>> = {
  "ecdsa-sha256": "sha256",
  "ecdsa-sha384": "sha384",
  "ecdsa-sha512": "sha512",
  "rsa-pkcs1-sha256": "sha256",
  ed25519ph: "sha512",
  ed25519: undefined,
};

const matchDigest = (logged: LoggedDigest, thing: SignedThing): Fault | undefined => {
  const wanted = HASHES[thing.scheme];
  if (logged.of === "signed" && wanted !== undefined && wanted !== logged.hash)
    return { code: "log-body-digest", reason: `its log entry has a ${logged.hash}, and it is signed over a ${wanted}` };
  const digests = digestsOf(logged, thing);
  if (digests.some((digest) => isSame(digest, logged.value))) return undefined;
  return { code: "log-body-digest", reason: "its log entry is about other content" };
};

/** The digests that would do; none where the thing has nothing of the kind. */
const digestsOf = ({ of, hash: name }: LoggedDigest, { content }: SignedThing): readonly Uint8Array[] => {
  if (content.kind === "message") {
    const digest = of === "signed" || of === "message" ? content.digests.get(name) : undefined;
    return digest === undefined ? [] : [digest];
  }
  if (of === "message") return [];
  const { payloadType, payload, signatures } = content.envelope;
  if (of === "payload") return [hash(name, payload, "buffer")];
  if (of === "signed") return [hash(name, pae(payloadType, payload), "buffer")];
  // As it was carried, or as cosign writes it: a bundle keeps the envelope in pieces.
  const written = writeEnvelope(payloadType, payload, signatures);
  return (content.bytes === undefined ? [written] : [content.bytes, written]).map((bytes) =>
    hash(name, bytes, "buffer"),
  );
};
