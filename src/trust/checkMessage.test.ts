import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ed25519ph } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { Message } from "#core/message.ts";
import { checkMessage, messageHashes } from "#trust/checkMessage.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { parsePublicKey } from "#trust/publicKey.ts";

const papers = (path: string): Buffer => readFileSync(resolve("../shared/data/papers", path));
const publicKey = (name: string) => parsePublicKey(papers(`keys/${name}.pub`));
const privateKey = (name: string) => createPrivateKey(papers(`keys/${name}.pem`));

const KINDS = [
  ["p256", "sha256"],
  ["p384", "sha384"],
  ["p384", "sha256"],
  ["p521", "sha512"],
  ["p521", "sha256"],
  ["rsa2048", "sha256"],
  ["rsa4096", "sha256"],
] as const;

/** The message as it is known when it is too large to be held. */
const digested = (bytes: Uint8Array, hashes: readonly HashName[] = ["sha256", "sha384", "sha512"]): Message => ({
  size: bytes.byteLength,
  digests: new Map(hashes.map((name) => [name, createHash(name).update(bytes).digest()])),
  bytes: undefined,
});

describe.each(KINDS)("%s over %s, by the digest alone", (name, hash) => {
  const key = publicKey(name);
  const secret = privateKey(name);

  it("finds what the signature over the bytes is, and nothing for other bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, (message, other) => {
        const signature = sign(hash, message, secret);
        const scheme = checkSignature(key, message, signature);
        expect(scheme).toBeDefined();
        expect(checkMessage(key, digested(message, messageHashes(key)), signature)).toBe(scheme);
        const differs = Buffer.compare(message, other) !== 0;
        expect(checkMessage(key, digested(other), signature)).toBe(differs ? undefined : scheme);
      }),
      { numRuns: 5 },
    );
  });

  it("agrees with the check over the bytes about every bent signature", () => {
    const message = Buffer.from("a paper");
    const signature = sign(hash, message, secret);
    const bent = fc.record({ at: fc.nat(signature.length - 1), to: fc.nat(255), cut: fc.integer({ min: -2, max: 2 }) });
    fc.assert(
      fc.property(bent, ({ at, to, cut }) => {
        const bytes = Buffer.concat([signature, Buffer.alloc(Math.max(0, cut))]);
        bytes[at] = to;
        const shown = cut < 0 ? bytes.subarray(0, cut) : bytes;
        expect(checkMessage(key, digested(message), shown)).toBe(checkSignature(key, message, shown));
      }),
      { numRuns: 20 },
    );
  });
});

describe("a digest that is not there", () => {
  it.each(["p384", "rsa2048", "ed25519"])("is no digest that fits: %s", (name) => {
    const message = Buffer.from("a paper");
    const signature = sign(
      name === "ed25519" ? null : name === "p384" ? "sha384" : "sha256",
      message,
      privateKey(name),
    );
    expect(checkMessage(publicKey(name), digested(message, []), signature)).toBeUndefined();
  });
});

it("checks Ed25519 prehashed by the digest, and pure by the bytes", () => {
  const [key, secret] = [publicKey("ed25519"), privateKey("ed25519")];
  const seed = Buffer.from(secret.export({ format: "jwk" }).d ?? "", "base64url");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(63), (message, at) => {
      const [pure, prehashed] = [sign(null, message, secret), ed25519ph.sign(message, seed)];
      const whole = { ...digested(message), bytes: message };
      expect(checkMessage(key, whole, pure)).toBe("ed25519");
      expect(checkMessage(key, whole, prehashed)).toBe("ed25519ph");
      expect(checkMessage(key, digested(message), prehashed)).toBe("ed25519ph");
      expect(checkMessage(key, digested(message), pure)).toBeUndefined();
      prehashed[at] = (prehashed[at] ?? 0) ^ 1;
      expect(checkMessage(key, digested(message), prehashed)).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});
