import { createHash } from "node:crypto";
import { decodeBase64, encodeBase64 } from "#claims/base64.ts";
import { readEnvelope, readEnvelopeValue, writeEnvelope } from "#claims/dsse.ts";
import { WaybillError } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { checkMessage } from "#trust/checkMessage.ts";
import { readVerifierPem } from "#devsigstore/holderKey.ts";
import { bytesAt, listAt, objectAt, textAt } from "#devsigstore/requestJson.ts";
import { checkEnvelope } from "#devsigstore/signedEnvelope.ts";

/**
 * The canonical body that a proposed entry of Rekor v1 gets: JSON as RFC 8785 has it, members of every object in the order of
 * their names (cosign.md 6.1). INPUT_INVALID for kinds that are not taken, and for every signature that does not verify.
 */
export const readProposal = (entry: JsonObject): Uint8Array => {
  const [kind, version] = [textAt(entry, "kind"), textAt(entry, "apiVersion")];
  const read = KINDS[`${kind} ${version}`];
  if (read === undefined) {
    const taken = Object.keys(KINDS).join(", ");
    throw new WaybillError("INPUT_INVALID", `entries of the kind ${kind} ${version} are not taken: ${taken}`);
  }
  return Buffer.from(JSON.stringify({ apiVersion: version, kind, spec: read(objectAt(entry, "spec")) }));
};

const HASHES: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

const readHashedRekord = (spec: JsonObject) => {
  const hash = objectAt(spec, "data", "hash");
  const [algorithm, value] = [textAt(hash, "algorithm"), textAt(hash, "value")];
  if (value.length !== HASHES[algorithm] || !/^[0-9a-f]+$/.test(value)) throw bad("data.hash is no digest");
  const signature = bytesAt(objectAt(spec, "signature"), "content");
  const { key, pem } = readVerifierPem(bytesAt(objectAt(spec, "signature", "publicKey"), "content"));
  const digests = new Map([[algorithm as HashName, Buffer.from(value, "hex")]]);
  if (checkMessage(key, { size: 0, digests, bytes: undefined }, signature) === undefined)
    throw bad("the signature is not the key's over this digest");
  return {
    data: { hash: { algorithm, value } },
    signature: { content: encodeBase64(signature), publicKey: { content: encodePem(pem) } },
  };
};

const readDsse = (spec: JsonObject) => {
  const proposed = objectAt(spec, "proposedContent");
  const bytes = Buffer.from(textAt(proposed, "envelope"));
  const envelope = readEnvelope(bytes);
  const { verifiers } = proposed;
  if (!Array.isArray(verifiers) || verifiers.length === 0 || verifiers.length > 32) throw bad("there are no verifiers");
  const pems = verifiers.map(
    (one: unknown) => (typeof one === "string" ? decodeBase64(one) : undefined) ?? Buffer.of(),
  );
  const checked = checkEnvelope(envelope, pems.map(readVerifierPem));
  return {
    envelopeHash: sha256(bytes),
    payloadHash: sha256(envelope.payload),
    signatures: checked
      .map(({ sig, verifier }) => ({ signature: encodeBase64(sig), verifier: encodePem(verifier.pem) }))
      .toSorted((a, b) => (a.signature < b.signature ? -1 : 1)),
  };
};

/** As cosign 2 logs attestations: the envelope as text, and one key. */
const readOldIntoto = (spec: JsonObject) => {
  const bytes = Buffer.from(textAt(objectAt(spec, "content"), "envelope"));
  const envelope = readEnvelope(bytes);
  const verifier = readVerifierPem(bytesAt(spec, "publicKey"));
  checkEnvelope(envelope, [verifier]);
  return {
    content: { hash: sha256(bytes), payloadHash: sha256(envelope.payload) },
    publicKey: encodePem(verifier.pem),
  };
};

/** Whose `payload` and `sig` are base64 of base64, since Rekor's schema has them as bytes and the envelope as text. */
const readIntoto = (spec: JsonObject) => {
  const sent = objectAt(spec, "content", "envelope");
  const signatures = listAt(sent, "signatures");
  const payloadType = textAt(sent, "payloadType");
  const plain = signatures.map((one) => ({ sig: Buffer.from(bytesAt(one, "sig")).toString("latin1") }));
  const payload = Buffer.from(bytesAt(sent, "payload")).toString("latin1");
  const envelope = readEnvelopeValue({ payloadType, payload, signatures: plain });
  const checked = checkEnvelope(
    envelope,
    signatures.map((one) => readVerifierPem(bytesAt(one, "publicKey"))),
  );
  const whole = writeEnvelope(payloadType, envelope.payload, envelope.signatures);
  const kept = checked.map(({ verifier }, at) => ({
    publicKey: encodePem(verifier.pem),
    sig: textAt(signatures[at] ?? {}, "sig"),
  }));
  return {
    content: {
      envelope: { payloadType, signatures: kept },
      hash: sha256(whole),
      payloadHash: sha256(envelope.payload),
    },
  };
};

const KINDS: Readonly<Record<string, ((spec: JsonObject) => unknown) | undefined>> = {
  "hashedrekord 0.0.1": readHashedRekord,
  "dsse 0.0.1": readDsse,
  "intoto 0.0.1": readOldIntoto,
  "intoto 0.0.2": readIntoto,
};

const sha256 = (bytes: Uint8Array) => ({
  algorithm: "sha256",
  value: createHash("sha256").update(bytes).digest("hex"),
});

const encodePem = (pem: string): string => encodeBase64(Buffer.from(pem));

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", why);
