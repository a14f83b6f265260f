import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { MAX_PURE_MESSAGE } from "#app/keptMessageBytes.ts";
import { verifyBlobs } from "#app/verifyBlobs.ts";
import { writeMessageBundle } from "#claims/messageBundle.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const papers = (path: string): Buffer => readFileSync(resolve("../shared/data/papers/keys", path));
const key = parsePublicKey(papers("ed25519.pub"));

// A size beyond the limit, without the time that hashing it takes.
const CHUNK = Buffer.alloc(MAX_PURE_MESSAGE / 4 + 1);

it("cannot tell whether a file too large to be held has a pure Ed25519 signature, and does not say no", async () => {
  const hash = createHash("sha512");
  for (let at = 0; at < 4; at++) hash.update(CHUNK);
  const signature = sign(null, Buffer.from("anything"), createPrivateKey(papers("ed25519.pem")));
  const digest = { hash: "sha512", value: hash.digest() } as const;
  const bundle = writeMessageBundle({ signature, digest, publicKeySpki: key.spki });
  const files = {
    open: async function* () {
      for (let at = 0; at < 4; at++) yield CHUNK;
    },
    readPaper: async () => bundle,
    write: () => Promise.reject(new TypeError("nothing is written")),
  };
  const [outcome] = await verifyBlobs({ files })(testCtx(), {
    blobs: [{ blob: "large", papers: [{ form: "bundle", source: "large.json" }] }],
    wanted: { kind: "signature", hash: undefined },
    trust: { keys: [{ name: "ed25519", key }] },
    demand: { kind: "every" },
    maxWorkers: 1,
  });
  expect(outcome).toMatchObject({ kind: "failed", error: { code: "LIMIT_EXCEEDED" } });
});
