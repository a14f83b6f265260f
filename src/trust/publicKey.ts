import { createHash, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";

// The SPKI of each curve up to its variable bytes: named curve, uncompressed point (RFC 5480 section 2, RFC 8410 section 4).
// OpenSSL also reads explicit curve parameters and compressed points, which Go does not: one key would have two names, and
// "P-256" with a foreign generator is CVE-2020-0601.
const SPKI_FORMS = {
  "ecdsa-p256": { prefix: "3059301306072a8648ce3d020106082a8648ce3d03010703420004", size: 91 },
  "ecdsa-p384": { prefix: "3076301006072a8648ce3d020106052b8104002203620004", size: 120 },
  "ecdsa-p521": { prefix: "30819b301006072a8648ce3d020106052b810400230381860004", size: 158 },
  ed25519: { prefix: "302a300506032b6570032100", size: 44 },
} as const;

const CURVES: Readonly<Record<string, keyof typeof SPKI_FORMS>> = {
  prime256v1: "ecdsa-p256",
  secp384r1: "ecdsa-p384",
  secp521r1: "ecdsa-p521",
};

// In an RSA SPKI of 2048 to 4096 bits the PKCS#1 key starts here: SEQUENCE, AlgorithmIdentifier with NULL, BIT STRING.
const RSA_SPKI_HEADER = 24;

// Upper bound of Go's crypto/rsa; above it only cost grows, below 3 there is no signature to speak of.
const MAX_RSA_EXPONENT = 2n ** 31n - 1n;

const CANONICAL_HINT =
  "Write it anew: openssl pkey -pubin -in OLD -pubout -ec_conv_form uncompressed -ec_param_enc named_curve -out NEW";

/**
 * Reads one PEM block `PUBLIC KEY` (SPKI) or `RSA PUBLIC KEY` (PKCS#1), cosign.md 4.2. `what` names the source in errors:
 * TRUST_INVALID for everything that is no public key in its one canonical encoding, KEY_WEAK for kinds, curves and sizes
 * that are not allowed (attack 23).
 */
export const parsePublicKey = (pem: string | Uint8Array, what = "the public key"): PublicKey => {
  const text = typeof pem === "string" ? pem : Buffer.from(pem).toString("latin1");
  const { label, der } = readBlock(text, what);
  const isPkcs1 = label === "RSA PUBLIC KEY";
  const object = decode(der, isPkcs1 ? "pkcs1" : "spki", what);
  const key = describe(object, what);
  const canonical = isPkcs1 ? key.spki.subarray(RSA_SPKI_HEADER) : key.spki;
  if (!der.equals(canonical)) throw unusual(what);
  objects.set(key, object);
  return key;
};

/**
 * Reads a bare SubjectPublicKeyInfo, as certificates and trusted roots hold it, under the same rules: TRUST_INVALID for
 * everything that is no public key in its one canonical encoding, KEY_WEAK for what is not allowed.
 */
export const readSpki = (der: Uint8Array, what: string): PublicKey => {
  const spki = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const object = decode(spki, "spki", what, "not a public key that can be read");
  const kind = curveForm(spki);
  // The canonical form is known already; OpenSSL has found the point to be on the curve.
  const key: PublicKey = kind === undefined ? describe(object, what) : { kind, spki };
  if (kind === undefined && !spki.equals(key.spki)) throw unusual(what);
  objects.set(key, object);
  return key;
};

const CURVE_FORMS = Object.values(CURVES).map((kind) => ({
  kind,
  size: SPKI_FORMS[kind].size,
  prefix: Buffer.from(SPKI_FORMS[kind].prefix, "hex"),
}));

const curveForm = (spki: Buffer): keyof typeof SPKI_FORMS | undefined =>
  CURVE_FORMS.find(({ size, prefix }) => spki.length === size && prefix.compare(spki, 0, prefix.length) === 0)?.kind;

/** SPKI as PEM, lines of 64 characters and a final line feed, as Go writes it. */
export const formatPublicKey = (key: PublicKey): string => {
  const lines =
    Buffer.from(key.spki)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
};

/** SHA-256 of the SPKI, 64 lower-case hex digits: the key's name wherever keys are compared. */
export const keyFingerprint = (key: PublicKey): string => createHash("sha256").update(key.spki).digest("hex");

const objects = new WeakMap<PublicKey, KeyObject>();

/** The key as `node:crypto` wants it, decoded once. TRUST_INVALID where `kind` is not what the SPKI holds. */
export const publicKeyObject = (key: PublicKey): KeyObject => {
  const known = objects.get(key);
  if (known !== undefined) return known;
  const object = decode(Buffer.from(key.spki), "spki", "the public key");
  const { kind } = describe(object, "the public key");
  if (kind !== key.kind) throw new WaybillError("TRUST_INVALID", `the public key is called ${key.kind} and is ${kind}`);
  objects.set(key, object);
  return object;
};

/** The allow-list: what kind of key this is, or KEY_WEAK. */
const describe = (object: KeyObject, what: string): PublicKey => {
  const spki = object.export({ type: "spki", format: "der" });
  const type = object.asymmetricKeyType;
  if (type === "rsa") return { kind: "rsa", spki, bits: checkRsa(object, what) };
  const curve = object.asymmetricKeyDetails?.namedCurve;
  const kind = type === "ed25519" ? "ed25519" : type === "ec" ? CURVES[curve ?? ""] : undefined;
  if (kind === undefined) {
    throw new WaybillError(
      "KEY_WEAK",
      `${what}: ${curve === undefined ? `${type} keys are` : `the curve ${curve} is`} not allowed`,
    );
  }
  const form = SPKI_FORMS[kind];
  if (spki.length !== form.size || !spki.toString("hex").startsWith(form.prefix)) throw unusual(what);
  if (kind === "ed25519") checkPoint(spki.subarray(-32), what);
  return { kind, spki };
};

const checkRsa = (object: KeyObject, what: string): number => {
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = object.asymmetricKeyDetails ?? {};
  if (bits < 2048 || bits > 4096)
    throw new WaybillError("KEY_WEAK", `${what}: RSA of ${bits} bits; 2048 to 4096 are allowed`);
  if (exponent < 3n || exponent % 2n === 0n || exponent > MAX_RSA_EXPONENT) {
    throw new WaybillError("KEY_WEAK", `${what}: RSA with the public exponent ${exponent.toString().slice(0, 20)}`);
  }
  return bits;
};

/** A point of small order accepts signatures that nobody made; OpenSSL looks at neither that nor at the encoding. */
const checkPoint = (raw: Uint8Array, what: string): void => {
  let small: boolean;
  try {
    small = ed25519.Point.fromBytes(raw).isSmallOrder();
  } catch (cause) {
    throw new WaybillError("TRUST_INVALID", `${what}: not a point of Ed25519`, { cause });
  }
  if (small) throw new WaybillError("KEY_WEAK", `${what}: an Ed25519 point of small order, which is no key`);
};

const decode = (
  der: Buffer,
  type: "spki" | "pkcs1",
  what: string,
  flaw = "the PEM block holds no public key that can be read",
): KeyObject => {
  try {
    return createPublicKey({ key: der, format: "der", type });
  } catch (cause) {
    throw new WaybillError("TRUST_INVALID", `${what}: ${flaw}`, { cause });
  }
};

const unusual = (what: string): WaybillError =>
  new WaybillError(
    "TRUST_INVALID",
    `${what}: not in the usual encoding (compressed point, explicit curve parameters, or bytes too many)`,
    { hint: CANONICAL_HINT },
  );

interface Block {
  readonly label: string;
  readonly der: Buffer;
}

const readBlock = (text: string, what: string): Block => {
  const begin = /-----BEGIN ([A-Z0-9 ]{1,64})-----/.exec(text);
  const label = begin?.[1];
  if (begin === null || label === undefined) {
    throw new WaybillError("TRUST_INVALID", `${what}: no PEM; a public key starts with -----BEGIN PUBLIC KEY-----`);
  }
  if (label !== "PUBLIC KEY" && label !== "RSA PUBLIC KEY") throw foreign(label, what);
  const start = begin.index + begin[0].length;
  const end = text.indexOf(`-----END ${label}-----`, start);
  if (end < 0) throw new WaybillError("TRUST_INVALID", `${what}: the PEM block has no end`);
  // Which of two keys was meant is not for us to guess; cosign silently takes the first.
  if (text.includes("-----BEGIN", end)) {
    throw new WaybillError("TRUST_INVALID", `${what}: more than one PEM block`, {
      hint: "Give one key per file; --key may repeat.",
    });
  }
  const body = text.slice(start, end).replace(/[ \t\r\n]+/g, "");
  const der = Buffer.from(body, "base64");
  if (der.toString("base64") !== body) throw new WaybillError("TRUST_INVALID", `${what}: the PEM block is not base64`);
  return { label, der };
};

const foreign = (label: string, what: string): WaybillError => {
  if (label.includes("PRIVATE KEY")) {
    return new WaybillError("TRUST_INVALID", `${what}: this is a private key (${label}); a public key is wanted`, {
      hint: label.includes("ENCRYPTED")
        ? "Give the .pub file, or print the public half with: waybill public-key --key FILE"
        : "Give the .pub file, or print the public half with: openssl pkey -in FILE -pubout",
    });
  }
  if (label.includes("CERTIFICATE")) {
    return new WaybillError("TRUST_INVALID", `${what}: this is a ${label.toLowerCase()}; a public key is wanted`, {
      hint: "Its key alone: openssl x509 -in FILE -pubkey -noout",
    });
  }
  return new WaybillError("TRUST_INVALID", `${what}: a PEM block ${JSON.stringify(label)}; a public key is wanted`, {
    hint: "A public key starts with -----BEGIN PUBLIC KEY-----",
  });
};
