import { createECDH, createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { encryptKey } from "#keys/encryptedKey.ts";
import { generateKey, importKey } from "#keys/newKey.ts";
import { openPublicKey } from "#keys/openPublicKey.ts";
import { openSigner } from "#keys/openSigner.ts";
import type { SignerDeps } from "#keys/openSigner.ts";
import { formatPem } from "#keys/pem.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { formatPublicKey, parsePublicKey } from "#trust/publicKey.ts";

const ctx: Ctx = {
  signal: new AbortController().signal,
  log: () => undefined,
  emit: () => undefined,
  clock: { now: () => 0, sleep: async () => undefined, jitter: () => 0 },
};
const keyFile = (name: string): string => readFileSync(resolve("../shared/data/papers/keys", name), "latin1");
const message = Buffer.from("a paper");

/** Files and variables of a test; what is in none of them is read from the golden keys. */
const world = (texts: Readonly<Record<string, string>> = {}) => {
  const asked: string[] = [];
  const deps: SignerDeps = {
    readFile: async (_ctx, path, limit) => {
      if (path === "absent") throw new WaybillError("NOT_FOUND", `${limit.what}: there is no file ${path}`);
      return Buffer.from(texts[path] ?? keyFile(path), "latin1");
    },
    readEnv: (name) => texts[name],
    password: async (_ctx, key) => {
      asked.push(key);
      return Buffer.from("correct horse");
    },
    parsePublicKey,
  };
  return { deps, asked };
};
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof WaybillError ? `${error.code} ${error.message} (${error.hint})` : String(error);
};
const pemOf = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1"): string => {
  const der = key.export({ type, format: "der" } as { readonly type: "pkcs8"; readonly format: "der" });
  return formatPem({ pkcs8: "PRIVATE KEY", sec1: "EC PRIVATE KEY", pkcs1: "RSA PRIVATE KEY" }[type], der);
};

describe("openSigner", () => {
  it.each([
    ["cosign223", "ecdsa-sha256"],
    ["cosign2", "ecdsa-sha256"],
    ["cosign3", "ecdsa-sha256"],
    ["p384", "ecdsa-sha384"],
    ["p521", "ecdsa-sha512"],
    ["ed25519", "ed25519"],
    ["rsa2048", "rsa-pkcs1-sha256"],
    ["rsa4096", "rsa-pkcs1-sha256"],
  ])("signs with %s.key as %s", async (name, scheme) => {
    const { deps, asked } = world();
    const signer = await openSigner(ctx, `${name}.key`, deps);
    expect(formatPublicKey(signer.publicKey)).toBe(keyFile(`${name}.pub`));
    for (let round = 0; round < 3; round++) {
      expect(checkSignature(signer.publicKey, message, await signer.sign(ctx, message))).toBe(scheme);
    }
    expect(asked).toEqual([`${name}.key`]);
  });

  it("takes the key out of a variable", async () => {
    const { deps, asked } = world({ SIGNING_KEY: keyFile("p256.key") });
    const signer = await openSigner(ctx, "env://SIGNING_KEY", deps);
    expect(signer.publicKey).toEqual(parsePublicKey(keyFile("p256.pub")));
    expect(asked).toEqual(["env://SIGNING_KEY"]);
  });

  it("neither reads nor signs after an abort", async () => {
    const { deps } = world();
    const signer = await openSigner(ctx, "p256.key", deps);
    const aborted = { ...ctx, signal: AbortSignal.abort() };
    await expect(signer.sign(aborted, message)).rejects.toMatchObject({ name: "AbortError" });
    await expect(openSigner(aborted, "p256.key", deps)).rejects.toMatchObject({ name: "AbortError" });
  });

  it.each([
    ["p256.pem", "KEY_UNREADABLE p256.pem: an unencrypted private key must be imported"],
    ["p256.pem", "(Import it: waybill import-key-pair --key p256.pem)"],
    ["p256.pub", "KEY_UNREADABLE p256.pub: this is a public key"],
    ["certificate", 'KEY_UNREADABLE certificate: a PEM block "CERTIFICATE"'],
    ["nothing", "KEY_UNREADABLE nothing: no PEM block"],
    ["absent", "KEY_UNREADABLE the key: there is no file absent"],
    ["env://ABSENT", "KEY_UNREADABLE env://ABSENT: the variable is not set"],
    ["env://HUGE", "LIMIT_EXCEEDED env://HUGE is larger"],
    ["https://example.com/k.key", "CONFIG_INVALID a private key is not fetched"],
  ])("%s: %s", async (reference, want) => {
    const { deps, asked } = world({
      nothing: "",
      certificate: formatPem("CERTIFICATE", Buffer.alloc(3)),
      HUGE: "x".repeat(70_000),
    });
    expect(await failure(openSigner(ctx, reference, deps))).toContain(want);
    expect(asked).toEqual([]);
  });

  it("refuses what is encrypted but not PKCS#8 (cosign.md 4.1), or too weak", async () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    const password = Buffer.from("correct horse");
    const { deps } = world({
      sec1: await encryptKey(ec.export({ type: "sec1", format: "der" }), password),
      weak: await encryptKey(rsa.export({ type: "pkcs8", format: "der" }), password),
    });
    expect(await failure(openSigner(ctx, "sec1", deps))).toContain(
      "KEY_UNREADABLE sec1: holds no private key in PKCS8",
    );
    expect(await failure(openSigner(ctx, "weak", deps))).toContain("KEY_WEAK weak: RSA of 1024 bits");
  });
});

describe("references of keys", () => {
  it.each([
    ["k8s://namespace/secret", "CONFIG_INVALID keys of k8s: are not supported"],
    ["awskms:///alias/key", "CONFIG_INVALID keys of awskms: are not supported"],
    ["GCPKMS://projects/p", "CONFIG_INVALID keys of gcpkms: are not supported"],
    ["pkcs11:token=x", "CONFIG_INVALID keys of pkcs11: are not supported"],
    ["http://example.com/k.pub", "CONFIG_INVALID a key over http://"],
    ["https://user:hunter2@example.com/k.pub", "CONFIG_INVALID the address of the key holds a user name"],
    ["https://", "CONFIG_INVALID the address of the key is not a URL"],
    ["env://", "CONFIG_INVALID env:// must be followed"],
    ["env://A=hunter2", "CONFIG_INVALID env:// must be followed"],
    ["", "CONFIG_INVALID the name of the key is empty"],
  ])("%s: %s", async (reference, want) => {
    const deps = { ...world().deps, fetchText: async () => "" };
    const answers = [
      await failure(openPublicKey(ctx, reference, deps)),
      await failure(openSigner(ctx, reference, deps)),
    ];
    expect(answers[0]).toContain(want);
    expect(answers.join()).not.toContain("hunter2");
  });
});

describe("openPublicKey", () => {
  const fetched: string[] = [];
  const deps = {
    ...world({ KEY: keyFile("ed25519.pub") }).deps,
    fetchText: async (_ctx: Ctx, url: URL, cap: number) => {
      fetched.push(`${url.href} ${cap}`);
      return url.pathname === "/huge" ? "x".repeat(70_000) : url.pathname === "/k.pub" ? keyFile("p384.pub") : "<html>";
    },
  };

  it.each([
    ["p256.pub", "ecdsa-p256"],
    ["env://KEY", "ed25519"],
    ["https://example.com/k.pub?token=hunter2", "ecdsa-p384"],
  ])("reads %s", async (reference, kind) => {
    expect((await openPublicKey(ctx, reference, deps)).kind).toBe(kind);
  });

  it("names the source in errors, without the query of a URL", async () => {
    expect(await failure(openPublicKey(ctx, "p256.key", deps))).toContain(
      "TRUST_INVALID p256.key: this is a private key",
    );
    expect(await failure(openPublicKey(ctx, "p256.key", deps))).toContain("waybill public-key --key");
    const html = await failure(openPublicKey(ctx, "https://example.com/login?token=hunter2", deps));
    expect(html).toContain("TRUST_INVALID https://example.com/login: no PEM");
    expect(html).not.toContain("hunter2");
    expect(await failure(openPublicKey(ctx, "https://example.com/huge", deps))).toContain("LIMIT_EXCEEDED");
    expect(fetched).toContain("https://example.com/k.pub?token=hunter2 65536");
  });
});

describe("new keys", () => {
  const reopen = async (text: string) => openSigner(ctx, "k", world({ k: text }).deps);

  it("are generated on P-256, encrypted and opened again", async () => {
    const key = await generateKey(parsePublicKey);
    expect(key.publicKey.kind).toBe("ecdsa-p256");
    const signer = await reopen(await key.encrypt(Buffer.from("correct horse")));
    expect(signer.publicKey).toEqual(key.publicKey);
    expect(Object.keys(key).toSorted()).toEqual(["encrypt", "publicKey"]);
  });

  it.each(["p256", "p384", "p521", "ed25519", "rsa2048", "rsa4096"])(
    "are imported from %s.pem as cosign imported it",
    async (name) => {
      const key = await importKey(ctx, `${name}.pem`, world().deps);
      expect(formatPublicKey(key.publicKey)).toBe(keyFile(`${name}.pub`));
    },
  );

  it.each(["p521", "ed25519", "rsa2048"])("imported from %s.pem sign when opened again", async (name) => {
    const key = await importKey(ctx, `${name}.pem`, world().deps);
    const signer = await reopen(await key.encrypt(Buffer.from("correct horse")));
    expect(checkSignature(key.publicKey, message, await signer.sign(ctx, message))).toBeDefined();
  });

  it("are imported from SEC1, with and without parameters, and PKCS#1", async () => {
    const sec1 = pemOf(createPrivateKey(keyFile("p384.pem")), "sec1");
    const pkcs1 = pemOf(createPrivateKey(keyFile("rsa2048.pem")), "pkcs1");
    // openssl ecparam -name secp384r1 -genkey writes such a block first.
    const parameters = formatPem("EC PARAMETERS", Buffer.from("06052b81040022", "hex"));
    const { deps } = world({ sec1, pkcs1, both: parameters + sec1 });
    expect((await importKey(ctx, "sec1", deps)).publicKey).toEqual(parsePublicKey(keyFile("p384.pub")));
    expect((await importKey(ctx, "both", deps)).publicKey).toEqual(parsePublicKey(keyFile("p384.pub")));
    expect((await importKey(ctx, "pkcs1", deps)).publicKey).toEqual(parsePublicKey(keyFile("rsa2048.pub")));
  });

  it("are refused when they are weak, encrypted already, or no key", async () => {
    const cipher = { cipher: "aes-256-cbc", passphrase: "x" } as const;
    const ec = createPrivateKey(keyFile("p256.pem"));
    const { deps } = world({
      weak: pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey, "pkcs8"),
      curve: pemOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey, "sec1"),
      pkcs8: ec.export({ type: "pkcs8", format: "pem", ...cipher }).toString(),
      openssl: ec.export({ type: "sec1", format: "pem", ...cipher }).toString(),
      damaged: formatPem("PRIVATE KEY", Buffer.alloc(30)),
    });
    const answer = (name: string): Promise<string> => failure(importKey(ctx, name, deps));
    expect(await answer("weak")).toContain("KEY_WEAK weak: RSA of 1024 bits");
    expect(await answer("curve")).toContain("KEY_WEAK curve: the curve secp256k1");
    expect(await answer("pkcs8")).toMatch(/^KEY_UNREADABLE pkcs8: encrypted PKCS#8.*openssl pkey/);
    expect(await answer("openssl")).toMatch(/^KEY_UNREADABLE openssl: encrypted by OpenSSL.*openssl pkey/);
    expect(await answer("damaged")).toContain("KEY_UNREADABLE damaged: holds no private key");
    expect(await answer("p256.key")).toContain("KEY_UNREADABLE p256.key: this is an encrypted key file already");
    expect(await answer("p256.pub")).toContain('KEY_UNREADABLE p256.pub: a PEM block "PUBLIC KEY"');
    expect(await answer("https://example.com/k")).toContain("CONFIG_INVALID");
  });

  it("are refused when their halves are of two keys", async () => {
    const der = createPrivateKey(keyFile("p256.pem")).export({ type: "pkcs8", format: "der" });
    const other = createECDH("prime256v1").generateKeys();
    const mixed = Buffer.concat([der.subarray(0, -65), other]);
    const { deps } = world({ mixed: formatPem("PRIVATE KEY", mixed) });
    expect(await failure(importKey(ctx, "mixed", deps))).toContain("do not belong together");
  });
});
