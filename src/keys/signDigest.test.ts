import { createHash, createPrivateKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { messageHash } from "#core/keyAlgorithm.ts";
import { asPrivateKey } from "#keys/privateKey.ts";
import { signDigest } from "#keys/signDigest.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const open = (name: string) =>
  asPrivateKey(
    createPrivateKey(readFileSync(resolve("../shared/data/papers/keys", `${name}.pem`))),
    name,
    parsePublicKey,
  );

it.each([
  ["p256", "ecdsa-sha256"],
  ["p384", "ecdsa-sha384"],
  ["p521", "ecdsa-sha512"],
  ["rsa2048", "rsa-pkcs1-sha256"],
  ["rsa4096", "rsa-pkcs1-sha256"],
  ["ed25519", "ed25519ph"],
])("%s: OpenSSL takes what was made of the digest for a signature over the message: %s", (name, scheme) => {
  const key = open(name);
  for (let run = 0; run < 5; run++) {
    const message = randomBytes(run * 50);
    const digest = createHash(messageHash(key.publicKey.kind)).update(message).digest();
    const signature = signDigest(key, digest);
    expect(checkSignature(key.publicKey, message, signature)).toBe(scheme);
    expect(checkSignature(key.publicKey, Buffer.concat([message, Buffer.of(0)]), signature)).toBeUndefined();
  }
});

it("signs nothing that is no digest by the key's own hash", () => {
  expect(codeOf(() => signDigest(open("p384"), Buffer.alloc(32)))).toBe("INTERNAL");
});
