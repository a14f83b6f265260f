import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";
import { createPrivateKey, createPublicKey, createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
const K = "/tmp/h/blobs/shared/data/papers/keys/";
const key = createPrivateKey(readFileSync(K + "ed25519.pem"));
const d = Buffer.from(key.export({ format: "jwk" }).d!, "base64url");
const spki = createPublicKey(key).export({ type: "spki", format: "der" });
const hint = createHash("sha256").update(spki).digest("base64");
const m = readFileSync("/tmp/h/blobs/x/r.txt");
for (const [form, sig] of [
  ["pure", ed25519.sign(m, d)],
  ["ph", ed25519ph.sign(m, d)],
] as const) {
  writeFileSync(`/tmp/h/blobs/x/ed-${form}.sig`, Buffer.from(sig).toString("base64"));
  for (const [alg, hash] of [
    ["SHA2_256", "sha256"],
    ["SHA2_512", "sha512"],
    ["none", ""],
    ["empty", ""],
  ] as const) {
    const md =
      alg === "none"
        ? undefined
        : alg === "empty"
          ? {}
          : { algorithm: alg, digest: createHash(hash).update(m).digest("base64") };
    writeFileSync(
      `/tmp/h/blobs/x/ed-${form}-${alg}.json`,
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: { publicKey: { hint } },
        messageSignature: { messageDigest: md, signature: Buffer.from(sig).toString("base64") },
      }),
    );
  }
}
