import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { formatPublicKey, keyFingerprint, parsePublicKey, publicKeyObject } from "#trust/publicKey.ts";

const keyFile = (name: string): string => readFileSync(resolve("../shared/data/papers/keys", name), "utf8");
const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
const spkiOf = (name: string): Buffer => createPublicKey(keyFile(name)).export({ type: "spki", format: "der" });

const refusal = (text: string | Uint8Array): string => {
  try {
    parsePublicKey(text, "k.pub");
  } catch (error) {
    if (error instanceof WaybillError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "accepted";
};

describe("parsePublicKey", () => {
  it.each([
    ["cosign223", "ecdsa-p256", undefined],
    ["cosign2", "ecdsa-p256", undefined],
    ["cosign3", "ecdsa-p256", undefined],
    ["p256", "ecdsa-p256", undefined],
    ["p384", "ecdsa-p384", undefined],
    ["p521", "ecdsa-p521", undefined],
    ["ed25519", "ed25519", undefined],
    ["rsa2048", "rsa", 2048],
    ["rsa4096", "rsa", 4096],
  ])("reads %s.pub and writes it back to the byte", (name, kind, bits) => {
    const text = keyFile(`${name}.pub`);
    const key = parsePublicKey(text);
    expect(key.kind).toBe(kind);
    expect(key.bits).toBe(bits);
    expect(formatPublicKey(key)).toBe(text);
    expect(parsePublicKey(Buffer.from(text))).toEqual(key);
  });

  it("names a key by the SHA-256 of its SPKI", () => {
    // openssl pkey -pubin -in p256.pub -outform DER | sha256sum
    const key = parsePublicKey(keyFile("p256.pub"));
    expect(keyFingerprint(key)).toBe("19acbb4c41aede3eaa08bee705f2662fda5e563f09138328b2de10616d6d75a1");
  });

  it("takes PKCS#1 and says the same key in SPKI", () => {
    const pkcs1 = createPublicKey(keyFile("rsa2048.pub")).export({ type: "pkcs1", format: "pem" });
    expect(pkcs1).toContain("BEGIN RSA PUBLIC KEY");
    expect(formatPublicKey(parsePublicKey(pkcs1))).toBe(keyFile("rsa2048.pub"));
  });

  it("takes text before the block, CRLF and one long line", () => {
    const text = keyFile("p256.pub");
    expect(refusal(`my key\n${text.replaceAll("\n", "\r\n")}\r\n`)).toBe("accepted");
    expect(refusal(pem("PUBLIC KEY", spkiOf("p256.pub")))).toBe("accepted");
  });

  it.each([
    ["", "TRUST_INVALID k.pub: no PEM"],
    [keyFile("p256.key"), "TRUST_INVALID k.pub: this is a private key (ENCRYPTED SIGSTORE PRIVATE KEY)"],
    [keyFile("p256.pem"), "TRUST_INVALID k.pub: this is a private key (PRIVATE KEY)"],
    [pem("CERTIFICATE", Buffer.alloc(3)), "TRUST_INVALID k.pub: this is a certificate"],
    [pem("PGP MESSAGE", Buffer.alloc(3)), 'TRUST_INVALID k.pub: a PEM block "PGP MESSAGE"'],
    [keyFile("p256.pub") + keyFile("p384.pub"), "TRUST_INVALID k.pub: more than one PEM block"],
    [keyFile("p256.pub").replace("END PUBLIC", "END PRIVATE"), "TRUST_INVALID k.pub: the PEM block has no end"],
    [keyFile("p256.pub").replace("MF", "M*"), "TRUST_INVALID k.pub: the PEM block is not base64"],
    [pem("PUBLIC KEY", Buffer.alloc(40)), "TRUST_INVALID k.pub: the PEM block holds no public key"],
    [pem("RSA PUBLIC KEY", spkiOf("rsa2048.pub")), "TRUST_INVALID k.pub: the PEM block holds no public key"],
  ])("says what is wrong with what is no public key (%#)", (text, want) => {
    expect(refusal(text)).toContain(want);
  });
});

describe("attack 23: keys that are not allowed", () => {
  const generated = (type: string, options: object): string => {
    const generate = generateKeyPairSync as (
      type: string,
      options: object,
    ) => { readonly publicKey: { export: (as: object) => string } };
    return generate(type, options).publicKey.export({ type: "spki", format: "pem" });
  };

  it.each([
    ["rsa", { modulusLength: 1024 }, "RSA of 1024 bits"],
    ["rsa", { modulusLength: 2040 }, "RSA of 2040 bits"],
    ["ec", { namedCurve: "secp256k1" }, "the curve secp256k1"],
    ["ec", { namedCurve: "P-224" }, "the curve secp224r1"],
    ["ed448", {}, "ed448 keys"],
    ["x25519", {}, "x25519 keys"],
    ["rsa-pss", { modulusLength: 2048 }, "rsa-pss keys"],
  ])("refuses %s %j", (type, options, want) => {
    expect(refusal(generated(type, options))).toMatch(new RegExp(`^KEY_WEAK k.pub: ${want}`));
  });

  it("refuses RSA of more than 4096 bits and an exponent of 1", () => {
    const { n = "" } = createPublicKey(keyFile("rsa4096.pub")).export({ format: "jwk" });
    const rsa = (modulus: string, e: string): string =>
      createPublicKey({ key: { kty: "RSA", n: modulus, e }, format: "jwk" })
        .export({ type: "spki", format: "pem" })
        .toString();
    expect(refusal(rsa(n, "AQAB"))).toBe("accepted");
    expect(refusal(rsa(n, "AQ"))).toContain("KEY_WEAK k.pub: RSA with the public exponent 1");
    expect(refusal(rsa(n + n, "AQAB"))).toContain("KEY_WEAK k.pub: RSA of 8");
  });

  it("refuses a curve spelled out, a compressed point and trailing bytes: one encoding per key", () => {
    const spki = spkiOf("p256.pub");
    const compressed = Buffer.concat([
      Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"),
      Buffer.from([2 + (spki.at(-1)! & 1)]),
      spki.subarray(27, 59),
    ]);
    const unusual = "TRUST_INVALID k.pub: not in the usual encoding";
    expect(refusal(generated("ec", { namedCurve: "P-256", paramEncoding: "explicit" }))).toContain(unusual);
    expect(refusal(pem("PUBLIC KEY", compressed))).toContain(unusual);
    for (const name of ["p256.pub", "ed25519.pub", "rsa2048.pub"]) {
      expect(refusal(pem("PUBLIC KEY", Buffer.concat([spkiOf(name), Buffer.from([0])])))).toContain(unusual);
    }
  });

  it("refuses Ed25519 points of small order and encodings that are no point", () => {
    const ed = (hex: string): string =>
      pem("PUBLIC KEY", Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(hex, "hex")]));
    expect(refusal(ed(`01${"00".repeat(31)}`))).toContain("KEY_WEAK");
    expect(refusal(ed("00".repeat(32)))).toContain("KEY_WEAK");
    expect(refusal(ed("ff".repeat(32)))).toContain("TRUST_INVALID");
    expect(refusal(ed(`02${"00".repeat(31)}`))).toContain("TRUST_INVALID");
  });

  it("does not use a key under the name of another kind", () => {
    const key = parsePublicKey(keyFile("p384.pub"));
    expect(() => publicKeyObject({ kind: "ecdsa-p256", spki: key.spki })).toThrow(
      /is called ecdsa-p256 and is ecdsa-p384/,
    );
    expect(publicKeyObject({ ...key }).equals(publicKeyObject(key))).toBe(true);
  });
});

describe("any bytes", () => {
  it("are a key or a coded error", () => {
    const isCoded = (text: string): boolean => /^(?:TRUST_INVALID|KEY_WEAK) k\.pub: /.test(refusal(text));
    expect(() => {
      fc.assert(fc.property(fc.string({ maxLength: 300 }), isCoded));
      fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (der) => isCoded(pem("PUBLIC KEY", der))));
    }).not.toThrow();
  });

  it.each(["p256.pub", "p521.pub", "ed25519.pub", "rsa2048.pub"])(
    "are read to the last one: a change in %s is another key or none",
    (name) => {
      const spki = spkiOf(name);
      const print = (der: Uint8Array): string => {
        const text = pem("PUBLIC KEY", der);
        const answer = refusal(text);
        return answer === "accepted" ? keyFingerprint(parsePublicKey(text)) : answer;
      };
      fc.assert(
        fc.property(fc.nat(spki.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const bent = Buffer.from(spki);
          bent[at]! ^= change;
          expect(print(bent)).not.toBe(print(spki));
        }),
        { numRuns: 60 },
      );
    },
  );
});
