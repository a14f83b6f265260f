import { constants, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ed25519ph } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { parsePublicKey } from "#trust/publicKey.ts";

const papers = (path: string): Buffer => readFileSync(resolve("../shared/data/papers", path));
const publicKey = (name: string): PublicKey => parsePublicKey(papers(`keys/${name}.pub`));
const privateKey = (name: string) => createPrivateKey(papers(`keys/${name}.pem`));
const detached = (name: string): Buffer => Buffer.from(papers(`blob/${name}.sig`).toString(), "base64");
const report = papers("blob/report.txt");
const message = Buffer.from("a paper");

/** An Ecdsa-Sig-Value of two integers of any size, in DER. */
const toDer = (r: bigint, s: bigint): Buffer => {
  const body = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from(body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length]), body]);
};
const integer = (value: bigint): Buffer => {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  const content = digits[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
  return Buffer.concat([Buffer.from([2, content.length]), content]);
};
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const rawSignature = (name: string, hash: string): Buffer =>
  sign(hash, message, { key: privateKey(name), dsaEncoding: "ieee-p1363" });

describe("signatures that cosign made", () => {
  it.each([
    ["cosign223", "cosign223", "ecdsa-sha256"],
    ["cosign2", "cosign2", "ecdsa-sha256"],
    ["p256", "p256", "ecdsa-sha256"],
    ["p384", "p384", "ecdsa-sha384"],
    ["p521", "p521", "ecdsa-sha512"],
    ["rsa2048", "rsa2048", "rsa-pkcs1-sha256"],
    ["rsa4096", "rsa4096", "rsa-pkcs1-sha256"],
    ["newline", "p256", "ecdsa-sha256"],
    ["flipped", "p256", undefined],
    ["none", "p256", undefined],
    ["cosign2", "p256", undefined],
  ])("%s.sig under %s.pub: %s", (signature, key, scheme) => {
    expect(checkSignature(publicKey(key), report, detached(signature))).toBe(scheme);
    expect(checkSignature(publicKey(key), papers("blob/other.txt"), detached(signature))).toBeUndefined();
  });

  // The bundles hold the message signature of the same file.
  it.each([
    ["cosign3", "ecdsa-sha256"],
    ["ed25519", "ed25519"],
    ["p384", "ecdsa-sha384"],
    ["p521", "ecdsa-sha512"],
    ["rsa4096", "rsa-pkcs1-sha256"],
  ])("%s.bundle.json: %s", (name, scheme) => {
    const bundle = JSON.parse(papers(`blob/${name}.bundle.json`).toString()) as {
      readonly messageSignature: { readonly signature: string };
    };
    const signature = Buffer.from(bundle.messageSignature.signature, "base64");
    expect(checkSignature(publicKey(name), report, signature)).toBe(scheme);
  });
});

describe("Ed25519 signatures of images", () => {
  const blob = (layout: string, hash: string): Buffer => papers(`layouts/${layout}/blobs/sha256/${hash}`);

  // Both versions sign images prehashed (cosign.md 11, 6).
  it.each(["sig-ed25519", "sig-ed25519-by-cosign2"])("%s is prehashed", (layout) => {
    const { manifests } = JSON.parse(papers(`layouts/${layout}/index.json`).toString()) as {
      readonly manifests: readonly {
        readonly digest: string;
        readonly annotations?: Readonly<Record<string, string>>;
      }[];
    };
    const tag = manifests.find((one) => one.annotations?.["org.opencontainers.image.ref.name"]?.endsWith(".sig"));
    const { layers } = JSON.parse(blob(layout, tag!.digest.slice(7)).toString()) as {
      readonly layers: readonly { readonly digest: string; readonly annotations: Readonly<Record<string, string>> }[];
    };
    const [layer] = layers;
    const signature = Buffer.from(layer!.annotations["dev.cosignproject.cosign/signature"]!, "base64");
    const payload = blob(layout, layer!.digest.slice(7));
    expect(checkSignature(publicKey("ed25519"), payload, signature)).toBe("ed25519ph");
    expect(checkSignature(publicKey("ed25519"), Buffer.concat([payload, Buffer.alloc(1)]), signature)).toBeUndefined();
  });
});

describe("attack 23: the scheme follows from the key", () => {
  it.each([
    ["p256", "sha256", "ecdsa-sha256"],
    ["p256", "sha1", undefined],
    ["p256", "sha384", undefined],
    ["p256", "sha512", undefined],
    ["p384", "sha384", "ecdsa-sha384"],
    ["p384", "sha256", "ecdsa-sha256"],
    ["p384", "sha512", undefined],
    ["p521", "sha512", "ecdsa-sha512"],
    ["p521", "sha256", "ecdsa-sha256"],
    ["p521", "sha384", undefined],
    ["rsa2048", "sha256", "rsa-pkcs1-sha256"],
    ["rsa2048", "sha1", undefined],
    ["rsa2048", "sha512", undefined],
  ])("%s with %s: %s", (name, hash, scheme) => {
    expect(checkSignature(publicKey(name), message, sign(hash, message, privateKey(name)))).toBe(scheme);
  });

  it("takes no PSS", () => {
    const pss = sign("sha256", message, { key: privateKey("rsa2048"), padding: constants.RSA_PKCS1_PSS_PADDING });
    expect(checkSignature(publicKey("rsa2048"), message, pss)).toBeUndefined();
  });

  it("takes Ed25519 pure and prehashed, and tells them apart", () => {
    const key = publicKey("ed25519");
    const seed = privateKey("ed25519").export({ type: "pkcs8", format: "der" }).subarray(-32);
    const ph = ed25519ph.sign(message, seed);
    expect(checkSignature(key, message, sign(null, message, privateKey("ed25519")))).toBe("ed25519");
    expect(checkSignature(key, message, ph)).toBe("ed25519ph");
    expect(checkSignature(key, report, ph)).toBeUndefined();
    expect(checkSignature(key, message, ed25519ph.sign(message, seed, { context: Buffer.from("x") }))).toBeUndefined();
    // RFC 8032 section 7.3
    const vector = parsePublicKey(
      `-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA7Bcrk61eVjv0kyxw4SRQNMNUZ+8u/U1k6/gZaDRn4r8=\n-----END PUBLIC KEY-----`,
    );
    const signature = hex(
      "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    );
    expect(checkSignature(vector, Buffer.from("abc"), signature)).toBe("ed25519ph");
  });
});

const hex = (text: string): Buffer => Buffer.from(text, "hex");

// The order of each group, from another place than the code's table.
const ORDERS = {
  p256: 115792089210356248762697446949407573529996955224135760342422259061068512044369n,
  p384: 39402006196394479212279040100143613805079739270465446667946905279627659399113263569398956308152294913554433653942643n,
  p521: 6864797660130609714981900799081393217269435300143305409394463459185543183397655394245057746333217197532963996371363321113864768612440380340372808892707005449n,
} as const;

describe.each([
  ["p256", "sha256", 32],
  ["p384", "sha384", 48],
  ["p521", "sha512", 66],
] as const)("attack 23: encodings of %s signatures", (name, hash, size) => {
  const key = publicKey(name);
  const raw = rawSignature(name, hash);
  const r = toNumber(raw.subarray(0, size));
  const s = toNumber(raw.subarray(size));
  const order = ORDERS[name];
  const scheme = `ecdsa-${hash}`;
  const check = (signature: Uint8Array): string | undefined => checkSignature(key, message, signature);
  const pair = (first: bigint, second: bigint): Buffer =>
    Buffer.from([first, second].map((one) => one.toString(16).padStart(2 * size, "0")).join(""), "hex");

  it("takes DER, r and s side by side, and high s", () => {
    expect(check(toDer(r, s))).toBe(scheme);
    expect(check(raw)).toBe(scheme);
    expect(check(toDer(r, order - s))).toBe(scheme);
    expect(check(pair(r, order - s))).toBe(scheme);
  });

  it("refuses r and s outside 1..n-1", () => {
    for (const [first, second] of [
      [0n, s],
      [r, 0n],
      [0n, 0n],
      [order, s],
      [r, order],
      [r + order, s],
      [r, s + order],
      [order + 1n, order + 1n],
    ] as const) {
      expect(check(toDer(first, second))).toBeUndefined();
      // What is too large for the field makes the pair too long, which is a no as well.
      expect(check(pair(first, second))).toBeUndefined();
    }
  });

  it("refuses every other spelling of the same numbers", () => {
    const der = toDer(r, s);
    const body = Buffer.concat([integer(r), integer(s)]);
    const padded = Buffer.concat([Buffer.from([2, integer(r)[1]! + 1, 0]), integer(r).subarray(2), integer(s)]);
    const negative = Buffer.concat([
      Buffer.from([2, size]),
      raw.subarray(0, size).map((byte, at) => (at === 0 ? byte | 0x80 : byte)),
      integer(s),
    ]);
    const sequence = (content: Uint8Array, ...header: readonly number[]): Buffer =>
      Buffer.concat([Buffer.from([0x30, ...header]), content]);
    const short = (content: Uint8Array): readonly number[] =>
      content.length < 128 ? [content.length] : [0x81, content.length];
    expect(check(sequence(body, ...short(body)))).toBe(scheme);
    for (const bent of [
      Buffer.concat([der, Buffer.alloc(1)]),
      Buffer.concat([der, der]),
      sequence(Buffer.concat([body, Buffer.alloc(1)]), ...short(Buffer.concat([body, Buffer.alloc(1)]))),
      sequence(body, 0x82, 0, body.length),
      sequence(Buffer.concat([body, Buffer.alloc(2)]), 0x80),
      ...(body.length < 128 ? [sequence(body, 0x81, body.length)] : []),
      sequence(padded, ...short(padded)),
      sequence(negative, ...short(negative)),
      Buffer.concat([raw, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), raw]),
      raw.subarray(1),
      der.subarray(0, -1),
      Buffer.from(der.toString("base64")),
      new Uint8Array(),
    ]) {
      expect(check(bent)).toBeUndefined();
    }
  });

  it("refuses any DER signature with one byte changed, removed or added", () => {
    const der = toDer(r, s);
    const at = fc.nat(der.length - 1);
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), (place, change) => {
        const bent = Buffer.from(der);
        bent[place]! ^= change;
        expect(check(bent)).toBeUndefined();
        expect(check(Buffer.concat([der.subarray(0, place), der.subarray(place + 1)]))).toBeUndefined();
        const more = Buffer.concat([der.subarray(0, place), Buffer.from([change]), der.subarray(place)]);
        expect(check(more)).toBeUndefined();
      }),
    );
  });
});

describe("any bytes as a signature", () => {
  it.each(["p256", "p521", "ed25519", "rsa2048"])("are a no under %s, not a crash", (name) => {
    const key = publicKey(name);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(checkSignature(key, message, bytes)).toBeUndefined();
      }),
    );
  });

  it("accepts what a fresh key signs, numbers with leading zeros included", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = parsePublicKey(pair.publicKey.export({ type: "spki", format: "pem" }));
    // One signature in 128 has an r or s that is a byte shorter than the curve.
    for (let round = 0; round < 600; round++) {
      expect(checkSignature(key, message, sign("sha256", message, pair.privateKey))).toBe("ecdsa-sha256");
    }
  });
});
