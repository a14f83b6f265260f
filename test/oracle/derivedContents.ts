import { derivation, isCertified, refusedBy } from "./derivation.ts";
import type { Derivation } from "./derivation.ts";
import { certificateOf, flipped, signatureOf, withBundle } from "./derivedSubject.ts";
import type { BundleJson, RootJson, Subject } from "./derivedSubject.ts";

const setSignature = ({ messageSignature, dsseEnvelope }: BundleJson, signature: string): void => {
  if (messageSignature !== undefined) messageSignature.signature = signature;
  for (const one of dsseEnvelope?.signatures ?? []) one.sig = signature;
};

const onSignature = (name: string, by: readonly string[], change: (signature: string, subject: Subject) => string) =>
  derivation(name, refusedBy(...by), (subject) =>
    withBundle(subject, (bundle) => setSignature(bundle, change(signatureOf(bundle), subject))),
  );

const onMessage = (
  name: string,
  by: readonly string[],
  edit: (message: NonNullable<BundleJson["messageSignature"]>) => void,
) =>
  derivation(
    name,
    refusedBy(...by),
    (subject) =>
      withBundle(subject, ({ messageSignature }) => {
        if (messageSignature !== undefined) edit(messageSignature);
      }),
    ({ content }) => content === "message",
  );

const onEnvelope = (
  name: string,
  by: readonly string[],
  edit: (envelope: NonNullable<BundleJson["dsseEnvelope"]>) => void,
) =>
  derivation(
    name,
    refusedBy(...by),
    (subject) =>
      withBundle(subject, ({ dsseEnvelope }) => {
        if (dsseEnvelope !== undefined) edit(dsseEnvelope);
      }),
    ({ content }) => content === "dsse",
  );

const inPayload = (name: string, change: (payload: string) => string): Derivation =>
  onEnvelope(name, ["bad-signature"], (envelope) => {
    const payload = Buffer.from(envelope.payload, "base64").toString();
    const changed = change(payload);
    if (changed === payload) throw new TypeError(`nothing is changed: ${name}`);
    envelope.payload = Buffer.from(changed).toString("base64");
  });

const setCertificate = ({ verificationMaterial }: BundleJson, rawBytes: string): void => {
  if (verificationMaterial.certificate !== undefined) verificationMaterial.certificate.rawBytes = rawBytes;
  const [leaf] = verificationMaterial.x509CertificateChain?.certificates ?? [];
  if (leaf !== undefined) leaf.rawBytes = rawBytes;
};

const onCertificate = (
  name: string,
  by: readonly string[],
  change: (der: string, subject: Subject) => string,
): Derivation =>
  derivation(
    name,
    refusedBy(...by),
    (subject) =>
      withBundle(subject, (bundle) => setCertificate(bundle, change(certificateOf(bundle)?.rawBytes ?? "", subject))),
    isCertified,
  );

const rootOf = ({ question }: Subject): string => {
  const root = JSON.parse(question.trustedRoot) as RootJson;
  return root.certificateAuthorities?.[0]?.certChain.certificates.at(-1)?.rawBytes ?? "";
};

/** What was signed, the signature, and the certificate are changed. */
export const CONTENTS: readonly Derivation[] = [
  onSignature("signature of another bundle", ["bad-signature", "wrong-key"], (_, { other }) => signatureOf(other)),
  onSignature("changed signature", ["bad-signature", "wrong-key"], (signature) => flipped(signature, -1)),
  onSignature("signature cut short", ["bad-signature", "wrong-key"], (signature) =>
    Buffer.from(signature, "base64").subarray(0, -1).toString("base64"),
  ),
  onSignature("signature with a byte after it", ["bad-signature", "wrong-key"], (signature) =>
    Buffer.concat([Buffer.from(signature, "base64"), Buffer.alloc(1)]).toString("base64"),
  ),
  onSignature("no signature", ["unreadable", "bad-signature"], () => ""),
  derivation(
    "no digest of the message",
    () => refusedBy("message-digest"),
    (subject) => withBundle(subject, ({ messageSignature }) => delete messageSignature?.messageDigest),
    ({ content }) => content === "message",
  ),
  onMessage(
    "another digest of the message",
    ["message-digest"],
    ({ messageDigest = { algorithm: "", digest: "" } }) => {
      messageDigest.digest = flipped(messageDigest.digest, 0);
    },
  ),
  onMessage(
    "digest by another algorithm",
    ["message-digest", "unreadable"],
    ({ messageDigest = { algorithm: "", digest: "" } }) => {
      messageDigest.algorithm = "SHA2_512";
    },
  ),
  onMessage("digest by an unknown algorithm", ["unreadable"], ({ messageDigest = { algorithm: "", digest: "" } }) => {
    messageDigest.algorithm = "MD5";
  }),
  inPayload("another subject", (payload) =>
    payload.replace(/"sha256"\s*:\s*"./, (found) => `${found.slice(0, -1)}${found.endsWith("0") ? "1" : "0"}`),
  ),
  inPayload("another predicate", (payload) => payload.replace('"predicate"', '"predicate" ')),
  inPayload("another predicate type", (payload) => payload.replace(/"predicateType"\s*:\s*"/, (found) => `${found}x`)),
  inPayload("another statement type", (payload) => payload.replace(/"_type"\s*:\s*"/, (found) => `${found}x`)),
  inPayload("a blank after the payload", (payload) => `${payload} `),
  onEnvelope("no payload", ["bad-signature", "unreadable"], (envelope) => {
    envelope.payload = "";
  }),
  onEnvelope("another type of the payload", ["payload-type"], (envelope) => {
    envelope.payloadType = "application/json";
  }),
  onEnvelope("two signatures, both good", ["unreadable", "signature-count"], (envelope) => {
    envelope.signatures = [...envelope.signatures, ...envelope.signatures];
  }),
  onEnvelope("a signature of nobody beside the good one", ["unreadable", "signature-count"], (envelope) => {
    envelope.signatures = [...envelope.signatures, { sig: "AAAA" }];
  }),
  onEnvelope("no signatures", ["unreadable", "signature-count"], (envelope) => {
    envelope.signatures = [];
  }),
  onCertificate(
    "certificate of another bundle",
    ["bad-signature"],
    (_, { other }) => certificateOf(other)?.rawBytes ?? "",
  ),
  onCertificate("changed certificate", ["log-body-key"], (der) => flipped(der, -1)),
  onCertificate("certificate cut short", ["certificate-malformed"], (der) =>
    Buffer.from(der, "base64").subarray(0, -1).toString("base64"),
  ),
  onCertificate("certificate of the authority", ["certificate-chain-root"], (_, subject) => rootOf(subject)),
  derivation(
    "the root in the chain",
    refusedBy("certificate-chain-root", "unreadable"),
    (subject) =>
      withBundle(subject, (bundle) => {
        const rawBytes = certificateOf(bundle)?.rawBytes ?? "";
        delete bundle.verificationMaterial.certificate;
        bundle.verificationMaterial.x509CertificateChain = {
          certificates: [{ rawBytes }, { rawBytes: rootOf(subject) }],
        };
      }),
    isCertified,
  ),
  derivation(
    "a key's name in place of the certificate",
    refusedBy("key-signed"),
    (subject) =>
      withBundle(subject, ({ verificationMaterial }) => {
        delete verificationMaterial.certificate;
        delete verificationMaterial.x509CertificateChain;
        verificationMaterial.publicKey = { hint: "key" };
      }),
    isCertified,
  ),
  derivation(
    "a certificate in place of the key's name",
    refusedBy("certificate-signed"),
    (subject) =>
      withBundle(subject, ({ verificationMaterial }) => {
        delete verificationMaterial.publicKey;
        verificationMaterial.certificate = { rawBytes: certificateOf(subject.other)?.rawBytes ?? "" };
      }),
    ({ isKeyed }) => isKeyed,
  ),
  derivation("both a key's name and a certificate", refusedBy("unreadable"), (subject) =>
    withBundle(subject, ({ verificationMaterial }) => {
      verificationMaterial.publicKey = { hint: "key" };
      verificationMaterial.certificate = { rawBytes: certificateOf(subject.other)?.rawBytes ?? "" };
    }),
  ),
  derivation("no material", refusedBy("unreadable"), (subject) =>
    withBundle(subject, ({ verificationMaterial }) => {
      delete verificationMaterial.publicKey;
      delete verificationMaterial.certificate;
      delete verificationMaterial.x509CertificateChain;
    }),
  ),
  derivation("a version that is not known", refusedBy("unreadable"), (subject) =>
    withBundle(subject, (bundle) => {
      bundle.mediaType = "application/vnd.dev.sigstore.bundle.v0.9+json";
    }),
  ),
  derivation("neither message nor envelope", refusedBy("unreadable"), (subject) =>
    withBundle(subject, (bundle) => {
      delete bundle.messageSignature;
      delete bundle.dsseEnvelope;
    }),
  ),
];
