import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { Signer } from "#core/signer.ts";
import { parsePublicKey } from "#trust/publicKey.ts";

/** A signer with a new P-256 key in memory; `signed` counts its signatures. */
export const createTestSigner = (): Signer & { readonly signed: () => number } => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = createPrivateKey(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
  const pem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  let count = 0;
  return {
    publicKey: parsePublicKey(pem),
    sign: async (_, bytes) => {
      count++;
      return sign("sha256", bytes, key);
    },
    signed: () => count,
  };
};
