import { decodeBase64, encodeBase64 } from "#claims/base64.ts";
import { publicKeyHint } from "#claims/bundle.ts";
import type { DsseClaim } from "#claims/claim.ts";
import { demandExactNames } from "#claims/exactNames.ts";
import { writeGoJson } from "#claims/goJson.ts";
import { WaybillError } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** cosign's bundle file from before Sigstore bundles (cosign.md 5.8): a signature, or a whole envelope, in base64. */
export interface LocalBundle extends Pick<DsseClaim, "material" | "keyHint"> {
  readonly signature: Uint8Array;
  /** The member `cert`: a public key or certificates in PEM, or one certificate in DER. Never evidence. */
  readonly cert: Uint8Array | undefined;
}

/** The file with the members that cosign 3 writes, in its order; `cert` holds the public key. */
export const writeLocalBundle = (signature: Uint8Array, publicKeyPem: string): Uint8Array =>
  writeGoJson({ base64Signature: encodeBase64(signature), cert: encodeBase64(Buffer.from(publicKeyPem)) });

/** True where a document is of this form rather than a Sigstore bundle. */
export const isLocalBundle = (document: JsonObject): boolean => Object.hasOwn(document, "base64Signature");

/** Reads the document but for `rekorBundle` (see `readLocalParts`). INPUT_INVALID. */
export const readLocalBundle = (document: JsonObject): LocalBundle => {
  demandExactNames(document, ["base64Signature", "cert", "rekorBundle"], "local bundle");
  const { base64Signature: text, cert } = document;
  const signature = typeof text === "string" ? decodeBase64(text) : undefined;
  if (signature === undefined || signature.byteLength === 0)
    throw new WaybillError("INPUT_INVALID", "local bundle has a base64Signature that is not base64, or empty");
  const bytes = typeof cert === "string" && cert !== "" ? decodeBase64(cert) : undefined;
  return { signature, cert: bytes, ...readMaterial(bytes) };
};

const KEY = /^-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]{1,2048})-----END PUBLIC KEY-----\s*$/;

/** PEM or DER in base64. Only ever said to people, so what cannot be read says nothing. */
const readMaterial = (bytes: Uint8Array | undefined): Pick<DsseClaim, "material" | "keyHint"> => {
  if (bytes === undefined) return { material: "none" };
  const body = KEY.exec(Buffer.from(bytes).toString("latin1"))?.[1];
  if (body === undefined) return { material: "certificate" };
  return { material: "public-key", keyHint: publicKeyHint(Buffer.from(body, "base64")) };
};
