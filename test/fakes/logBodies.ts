import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { encodeBase64 } from "#claims/base64.ts";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import { signEd25519ph } from "#claims/ed25519ph.ts";
import { canonicalJson } from "#core/canonicalJson.ts";
import type { HashName, SignatureScheme } from "#core/keyAlgorithm.ts";
import { formatPublicKey, readSpki } from "#trust/publicKey.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import { leafExtensions, makeCertificate } from "./makeCertificate.ts";

/** A key or a certificate that signs things. */
export interface ThingSigner {
  readonly message: (bytes: Uint8Array) => SignedThing;
  readonly dsse: (payload: Uint8Array, others?: readonly ThingSigner[]) => SignedThing;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

export type SignerKind = "p256" | "p384" | "p521" | "ed25519" | "ed25519ph" | "rsa" | "certificate";

const SCHEMES: Readonly<Record<SignerKind, readonly [SignatureScheme, HashName | null]>> = {
  p256: ["ecdsa-sha256", "sha256"],
  certificate: ["ecdsa-sha256", "sha256"],
  p384: ["ecdsa-sha384", "sha384"],
  p521: ["ecdsa-sha512", "sha512"],
  ed25519: ["ed25519", null],
  ed25519ph: ["ed25519ph", null],
  rsa: ["rsa-pkcs1-sha256", "sha256"],
};

const createKeys = (kind: SignerKind) => {
  if (kind === "rsa") return generateKeyPairSync("rsa", { modulusLength: 2048 });
  if (kind === "ed25519" || kind === "ed25519ph") return generateKeyPairSync("ed25519");
  const namedCurve = kind === "p384" ? "P-384" : kind === "p521" ? "P-521" : "P-256";
  return generateKeyPairSync("ec", { namedCurve });
};

const TYPE = "application/vnd.in-toto+json";

export const createSigner = (kind: SignerKind): ThingSigner => {
  const keys = createKeys(kind);
  const [scheme, hash] = SCHEMES[kind];
  const key = readSpki(keys.publicKey.export({ type: "spki", format: "der" }), "test key");
  const verifier: SignedThing["verifier"] =
    kind === "certificate"
      ? { kind, certificate: readCertificate(makeCertificate({ keys, extensions: leafExtensions() }).der) }
      : { kind: "key", key };
  const signBytes = (bytes: Uint8Array): Uint8Array => {
    if (kind !== "ed25519ph") return sign(hash, bytes, keys.privateKey);
    const seed = keys.privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32);
    return signEd25519ph(createHash("sha512").update(bytes).digest(), seed);
  };
  const hashes = ["sha256", "sha384", "sha512"] as const;
  return {
    sign: signBytes,
    message: (bytes) => ({
      signature: signBytes(bytes),
      verifier,
      scheme,
      content: { kind: "message", digests: new Map(hashes.map((name) => [name, digestOf(name, bytes)])) },
    }),
    dsse: (payload, others = []) => {
      const encoded = pae(TYPE, payload);
      const signature = signBytes(encoded);
      const all = [signature, ...others.map((other) => other.sign(encoded))];
      const envelope = { payloadType: TYPE, payload, signatures: all.map((sig) => ({ keyid: "", sig })) };
      return { signature, verifier, scheme, content: { kind: "dsse", envelope } };
    },
  };
};

const digestOf = (name: HashName, bytes: Uint8Array): Uint8Array => createHash(name).update(bytes).digest();
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const pemOf = ({ verifier }: SignedThing): string => {
  if (verifier.kind === "key") return encodeBase64(Buffer.from(formatPublicKey(verifier.key)));
  const lines = encodeBase64(verifier.certificate.der).match(/.{1,64}/g) ?? [];
  return encodeBase64(Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`));
};

const DETAILS: Readonly<Record<string, string>> = {
  "ecdsa-p256": "PKIX_ECDSA_P256_SHA_256",
  "ecdsa-p384": "PKIX_ECDSA_P384_SHA_384",
  "ecdsa-p521": "PKIX_ECDSA_P521_SHA_512",
  rsa: "PKIX_RSA_PKCS1V15_2048_SHA256",
};

const tilesSignature = (thing: SignedThing) => {
  const { verifier, scheme, signature } = thing;
  const { kind } = verifier.kind === "key" ? verifier.key : verifier.certificate.key;
  const keyDetails = scheme === "ed25519ph" ? "PKIX_ED25519_PH" : (DETAILS[kind] ?? "PKIX_ED25519");
  const named =
    verifier.kind === "key"
      ? { publicKey: { rawBytes: encodeBase64(verifier.key.spki) } }
      : { x509Certificate: { rawBytes: encodeBase64(verifier.certificate.der) } };
  return { content: encodeBase64(signature), verifier: { keyDetails, ...named } };
};

/** The hash that goes with the signature. */
const ownHash = ({ scheme }: SignedThing): HashName =>
  scheme === "ecdsa-sha384" ? "sha384" : /512|ed25519/.test(scheme) ? "sha512" : "sha256";

const signedDigest = ({ content }: SignedThing, name: HashName): Uint8Array =>
  content.kind === "dsse"
    ? digestOf(name, pae(content.envelope.payloadType, content.envelope.payload))
    : (content.digests.get(name) ?? Buffer.alloc(0));

const envelopeOf = ({ content }: SignedThing) => {
  if (content.kind !== "dsse") throw new TypeError("the test wants an envelope");
  return content.envelope;
};

const sha256 = (bytes: Uint8Array) => ({ algorithm: "sha256", value: hexOf(digestOf("sha256", bytes)) });
const sha2 = (name: HashName): string => `SHA2_${name.slice(3)}`;

/** As Rekor has them, by kind and version; what no envelope is in is about messages, too. */
const SPECS = {
  "hashedrekord 0.0.1": (thing: SignedThing) => ({
    data: { hash: { algorithm: ownHash(thing), value: hexOf(signedDigest(thing, ownHash(thing))) } },
    signature: { content: encodeBase64(thing.signature), publicKey: { content: pemOf(thing) } },
  }),
  "rekord 0.0.1": (thing: SignedThing) => ({
    data: { hash: { algorithm: "sha256", value: hexOf(signedDigest(thing, "sha256")) } },
    signature: { content: encodeBase64(thing.signature), format: "x509", publicKey: { content: pemOf(thing) } },
  }),
  "dsse 0.0.1": (thing: SignedThing) => ({
    envelopeHash: sha256(Buffer.from("a spelling of the envelope")),
    payloadHash: sha256(envelopeOf(thing).payload),
    signatures: [{ signature: encodeBase64(thing.signature), verifier: pemOf(thing) }],
  }),
  "intoto 0.0.1": (thing: SignedThing) => {
    const { payloadType, payload, signatures } = envelopeOf(thing);
    const hash = sha256(writeEnvelope(payloadType, payload, signatures));
    return { content: { hash, payloadHash: sha256(payload) }, publicKey: pemOf(thing) };
  },
  "intoto 0.0.2": (thing: SignedThing) => ({
    content: {
      envelope: {
        payloadType: TYPE,
        signatures: [{ publicKey: pemOf(thing), sig: encodeBase64(Buffer.from(encodeBase64(thing.signature))) }],
      },
      hash: sha256(Buffer.from("a spelling of the envelope")),
      payloadHash: sha256(envelopeOf(thing).payload),
    },
  }),
  "hashedrekord 0.0.2": (thing: SignedThing) => ({
    hashedRekordV002: {
      data: { algorithm: sha2(ownHash(thing)), digest: encodeBase64(signedDigest(thing, ownHash(thing))) },
      signature: tilesSignature(thing),
    },
  }),
  "dsse 0.0.2": (thing: SignedThing) => ({
    dsseV002: {
      payloadHash: { algorithm: "SHA2_256", digest: encodeBase64(digestOf("sha256", envelopeOf(thing).payload)) },
      signatures: [tilesSignature(thing)],
    },
  }),
};

export type BodyKind = keyof typeof SPECS;

/** What Rekor would write down of a thing. */
export const writeBody = (name: BodyKind, thing: SignedThing): Uint8Array => {
  const [kind = "", apiVersion = ""] = name.split(" ");
  return canonicalJson({ kind, apiVersion, spec: SPECS[name](thing) });
};
