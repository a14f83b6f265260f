import { generateKeyPairSync, sign } from "node:crypto";
import { readBundle, writeBundle } from "#claims/bundle.ts";
import type { Claim, DsseClaim, Found, SimpleSigningClaim } from "#claims/claim.ts";
import { pae } from "#claims/dsse.ts";
import { digestOf } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import type { TrustedKey } from "#trust/verifiedClaim.ts";

/** A fresh P-256 key that signs whatever a test wants signed. */
export interface TestKey {
  readonly trusted: TrustedKey;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

export const createTestKey = (name = "test"): TestKey => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { trusted: { name, key: parsePublicKey(pem) }, sign: (bytes) => sign("sha256", bytes, privateKey) };
};

const manifest = digestOf("the manifest that carries it");
export const IN_LEGACY: Found = { form: "legacy", manifest, tag: "sha256-x.sig", layer: 0 };
export const IN_BUNDLE: Found = { form: "bundle", manifest };

export const simpleSigningClaim = (key: TestKey, payload: Uint8Array): SimpleSigningClaim => ({
  kind: "simple-signing",
  found: IN_LEGACY,
  payload,
  signature: key.sign(payload),
  material: "none",
});

/** An envelope as a legacy layer carries it, signed by each key. */
export const envelopeClaim = (
  keys: readonly TestKey[],
  payload: Uint8Array,
  payloadType: string = MEDIA_TYPE.inToto,
): DsseClaim => {
  const signatures = keys.map((key) => ({ keyid: "", sig: key.sign(pae(payloadType, payload)) }));
  const envelope = { payloadType, payload, signatures };
  return { kind: "dsse", found: IN_LEGACY, envelope, material: "none", bytes: payload };
};

/** The same statement out of a bundle. */
export const bundleClaim = (key: TestKey, payload: Uint8Array): Claim => {
  const signature = key.sign(pae(MEDIA_TYPE.inToto, payload));
  const publicKeySpki = key.trusted.key.spki;
  const claim = readBundle(
    writeBundle({ payloadType: MEDIA_TYPE.inToto, payload, signature, publicKeySpki }),
    IN_BUNDLE,
  );
  if (claim.kind === "unreadable") throw new TypeError(claim.reason);
  return claim;
};
