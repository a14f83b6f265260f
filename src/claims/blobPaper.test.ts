import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBlobPaper } from "#claims/blobPaper.ts";
import { publicKeyHint } from "#claims/bundle.ts";
import { writeEnvelope } from "#claims/dsse.ts";
import { writeLocalBundle } from "#claims/localBundle.ts";
import { writeMessageBundle } from "#claims/messageBundle.ts";
import { formatPublicKey } from "#trust/publicKey.ts";
import { createTestKey } from "../../test/fakes/testKey.ts";

const { key } = createTestKey().trusted;
const hint = publicKeyHint(key.spki);
const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 600 });
const hash = fc.constantFrom("sha256", "sha384", "sha512");
const message = { form: "bundle", wanted: "message" } as const;
const statement = { form: "bundle", wanted: "statement" } as const;

describe("readBlobPaper", () => {
  it("reads what is written: a Sigstore bundle", () => {
    fc.assert(
      fc.property(bytes(1), bytes(0), hash, (signature, signed, name) => {
        const digest = { hash: name, value: createHash(name).update(signed).digest() };
        const written = writeMessageBundle({ signature, digest, publicKeySpki: key.spki });
        const read = readBlobPaper(message, written);
        expect(read).toMatchObject({ kind: "message", found: { form: "bundle" }, keyHint: hint });
        expect(read).toMatchObject({ signature: Buffer.from(signature), digest: { hash: name, value: digest.value } });
      }),
    );
  });

  it("reads what is written: cosign 2's bundle file, of a signature or of an envelope", () => {
    fc.assert(
      fc.property(bytes(1), (signature) => {
        const read = readBlobPaper(message, writeLocalBundle(signature, formatPublicKey(key)));
        expect(read).toMatchObject({ kind: "message", signature: Buffer.from(signature), keyHint: hint });
        const envelope = writeEnvelope("a type", signature, [{ keyid: "", sig: signature }]);
        const wrapped = readBlobPaper(statement, writeLocalBundle(envelope, formatPublicKey(key)));
        expect(wrapped).toMatchObject({ kind: "dsse", envelope: { payload: Buffer.from(signature) } });
      }),
    );
  });

  it("takes a bare signature as base64, with blanks around it, or as bytes", () => {
    // DER begins with 0x30 and holds bytes that are no letters.
    const der = fc.uint8Array({ minLength: 62, maxLength: 140 }).map((rest) => Buffer.from([0x30, 0x81, ...rest]));
    fc.assert(
      fc.property(der, (signature) => {
        for (const text of [signature, signature.toString("base64"), `\n${signature.toString("base64url")} \n`])
          expect(readBlobPaper({ form: "bare", wanted: "message" }, Buffer.from(text))).toMatchObject({
            kind: "message",
            signature,
          });
      }),
    );
  });

  it("never throws for any bytes, nor for a bundle that was cut or changed", () => {
    const digest = { hash: "sha256", value: createHash("sha256").digest() } as const;
    const whole = writeMessageBundle({ signature: Buffer.alloc(70, 7), digest, publicKeySpki: key.spki });
    const shape = fc.record({
      form: fc.constantFrom("bundle", "bare"),
      wanted: fc.constantFrom("message", "statement"),
    });
    fc.assert(
      fc.property(shape, bytes(0), fc.nat(whole.byteLength - 1), fc.nat(255), (how, noise, at, to) => {
        expect(() => readBlobPaper(how, noise)).not.toThrow();
        const changed = Uint8Array.from(whole);
        changed[at] = to;
        expect(() => readBlobPaper(how, changed)).not.toThrow();
        expect(readBlobPaper({ ...how, form: "bundle" }, whole.subarray(0, at)).kind).toBe("unreadable");
      }),
    );
  });

  it.each([
    ["an algorithm that no key signs over", { algorithm: "SHA3_256", digest: "" }, /messageDigest by/],
    ["a digest of another length", { algorithm: "SHA2_384", digest: "AAAA" }, /no SHA2_384/],
    ["a digest without its algorithm", { digest: "AAAA" }, /messageDigest by/],
  ])("refuses a bundle with %s", (_, messageDigest, reason) => {
    const document = {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint } },
      messageSignature: { messageDigest, signature: "AAAA" },
    };
    const read = readBlobPaper(message, Buffer.from(JSON.stringify(document)));
    expect(read).toMatchObject({ kind: "unreadable", reason: expect.stringMatching(reason) as string });
  });
});
