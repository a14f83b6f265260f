import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { decryptKey, encryptKey, isEncryptedKey } from "#keys/encryptedKey.ts";
import { formatPem, readPem } from "#keys/pem.ts";

const keyFile = (name: string): string => readFileSync(resolve("../shared/data/papers/keys", name), "latin1");
const password = Buffer.from("correct horse");
const decrypt = (pem: string, word: Uint8Array = password): Promise<Uint8Array> =>
  decryptKey(readPem(pem, "k.key"), word, "k.key");
const json = (pem: string): string => readPem(pem, "k.key").bytes.toString();
const bent = (from: string | RegExp, to: string): string => {
  const before = json(keyFile("p256.key"));
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  return formatPem("ENCRYPTED SIGSTORE PRIVATE KEY", Buffer.from(after));
};

describe("cosign's key file", () => {
  it.each(["cosign223", "p256"])("%s.key opens, and its key is that of the .pub file", async (name) => {
    const der = Buffer.from(await decrypt(keyFile(`${name}.key`)));
    const key = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
    expect(key.export({ type: "spki", format: "pem" })).toBe(keyFile(`${name}.pub`));
  });

  it("is read under its old label too, and tried at the lower cost of old versions", async () => {
    const old = keyFile("p256.key").replaceAll("ENCRYPTED SIGSTORE", "ENCRYPTED COSIGN");
    expect(isEncryptedKey(readPem(old, "k.key"))).toBe(true);
    expect(await decrypt(old)).toEqual(await decrypt(keyFile("p256.key")));
    await expect(decrypt(bent('"N":65536', '"N":32768'))).rejects.toMatchObject({ code: "PASSWORD_WRONG" });
  });

  it("written by us has the same names in the same order, lines and sizes as cosign's", async () => {
    const der = await decrypt(keyFile("p256.key"));
    const pem = await encryptKey(der, password);
    const shape = (text: string): string =>
      json(text).replace(
        /"(salt|nonce|ciphertext)":"([^"]+)"/g,
        (_all, name: string, value: string) => `${name} ${value.length}`,
      );
    expect(shape(pem)).toBe(shape(keyFile("p256.key")));
    expect(pem.split("\n").map((line) => line.length)).toEqual(
      keyFile("p256.key")
        .split("\n")
        .map((line) => line.length),
    );
    expect(await decrypt(pem)).toEqual(der);
    expect(await encryptKey(der, password)).not.toBe(pem);
  });

  it("takes an empty password and one that is no text", async () => {
    const der = randomBytes(48);
    for (const word of [new Uint8Array(), Buffer.from([0, 0xff, 0x80, 10])]) {
      const pem = await encryptKey(der, word);
      expect(Buffer.from(await decrypt(pem, word)).equals(der)).toBe(true);
      await expect(decrypt(pem)).rejects.toMatchObject({ code: "PASSWORD_WRONG" });
    }
  });
});

describe("a key file that does not open", () => {
  it.each(["correct horse\n", ""])("password %j is wrong", async (word) => {
    await expect(decrypt(keyFile("p256.key"), Buffer.from(word))).rejects.toMatchObject({
      code: "PASSWORD_WRONG",
      message: "k.key: the password is wrong, or the file is damaged",
    });
  });

  it.each([
    ['"N":65536', '"N":1048576', "kdf.params"],
    ['"N":65536', '"N":65535', "kdf.params"],
    ['"r":8', '"r":800', "kdf.params"],
    ['"p":1', '"p":2', "kdf.params"],
    ['"N":65536', '"N":"65536"', "kdf.params"],
    ['"scrypt"', '"pbkdf2"', "kdf.name"],
    ["nacl/secretbox", "aes-gcm", "cipher.name"],
    [/"salt":"..../, '"salt":"', "kdf.salt is not 32 bytes"],
    [/"nonce":"..../, '"nonce":"', "cipher.nonce is not 24 bytes"],
    [/"salt":"./, '"salt":"*', "kdf.salt is not base64"],
    [/"ciphertext":"[^"]+"/, '"ciphertext":""', "ciphertext has no size"],
    [/"ciphertext":"[^"]+"/, '"ciphertext":7', "ciphertext is not base64"],
    [/"ciphertext":"[^"]+"/, `"ciphertext":"${"AAAA".repeat(5500)}"`, "ciphertext has no size"],
    ['"kdf":{', '"kdf":{"name":"scrypt",', "JSON"],
    [/\}$/, "}}", "JSON"],
    [/"params":\{[^}]+\}/, '"params":[]', "kdf.params is not an object"],
    [/^.*$/, "[]", "the document is not an object"],
  ])("%s -> %s: %s", async (from, to, want) => {
    const error = await decrypt(bent(from, to)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "KEY_UNREADABLE" });
    expect((error as WaybillError).message).toContain(want);
  });

  it("has any other bytes in its block: a coded error, before any work is done", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json().map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 200 }),
        ),
        async (bytes) => {
          const pem = formatPem("ENCRYPTED SIGSTORE PRIVATE KEY", bytes);
          await expect(decrypt(pem)).rejects.toMatchObject({ code: "KEY_UNREADABLE" });
        },
      ),
    );
  });
});

describe("readPem", () => {
  it("gives back what formatPem wrote", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const block = readPem(formatPem("PRIVATE KEY", bytes), "k");
        expect(block.label).toBe("PRIVATE KEY");
        expect(Buffer.compare(block.bytes, bytes)).toBe(0);
      }),
    );
  });

  it.each([
    ["", "k: no PEM block"],
    ["-----BEGIN PRIVATE KEY-----\nAAAA", "k: the PEM block PRIVATE KEY has no end"],
    ["-----BEGIN PRIVATE KEY-----\nA*AA\n-----END PRIVATE KEY-----", "k: the PEM block is not base64"],
    [formatPem("A", randomBytes(3)) + formatPem("B", randomBytes(3)), "k: 2 PEM blocks"],
    [
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----",
      "k: encrypted by OpenSSL",
    ],
  ])("says what is wrong (%#)", (text, want) => {
    expect(() => readPem(text, "k")).toThrow(want);
  });

  it("reads any text, or says what is wrong in a coded error", () => {
    const part = fc.constantFrom(
      "-----BEGIN A-----",
      "-----END A-----",
      "-----BEGIN B C-----",
      "\n",
      "AAAA",
      "-----",
      "=",
    );
    const answer = (text: string): string => {
      try {
        return readPem(text, "k").label;
      } catch (error) {
        return error instanceof WaybillError ? error.code : "crash";
      }
    };
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => answer(parts.join("")) !== "crash"));
    expect(answer("-----BEGIN A-----".repeat(3000))).toBe("KEY_UNREADABLE");
  });
});
