import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { MAX_PURE_MESSAGE } from "#app/keptMessageBytes.ts";
import { verifyBlobs } from "#app/verifyBlobs.ts";
import { writeMessageBundle } from "#claims/messageBundle.ts";
import { parseImagePattern } from "#core/imagePattern.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import type { TrustedKey } from "#trust/verifiedClaim.ts";
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

it("does not take a key that is meant for some images for one that may speak of files", async () => {
  const content = Buffer.from("a file");
  const signature = sign(null, content, createPrivateKey(papers("ed25519.pem")));
  const digest = { hash: "sha256", value: createHash("sha256").update(content).digest() } as const;
  const bundle = writeMessageBundle({ signature, digest, publicKeySpki: key.spki });
  const files = {
    open: async function* () {
      yield content;
    },
    readPaper: async () => bundle,
    write: () => Promise.reject(new TypeError("nothing is written")),
  };
  const verifyBy = async (images: Pick<TrustedKey, "images">) => {
    const [outcome] = await verifyBlobs({ files })(testCtx(), {
      blobs: [{ blob: "file", papers: [{ form: "bundle", source: "file.json" }] }],
      wanted: { kind: "signature", hash: undefined },
      trust: { keys: [{ name: "ed25519", key, ...images }] },
      demand: { kind: "every" },
      maxWorkers: 1,
    });
    return outcome?.kind === "done" && outcome.value.ok;
  };
  expect(await verifyBy({})).toBe(true);
  expect(await verifyBy({ images: [parseImagePattern("r.example/prod/**")] })).toBe(false);
});
