import { createHash, createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pae } from "#claims/dsse.ts";
import { readCheckpoint } from "#ledger/checkpoint.ts";
import { readEntryBundle } from "#ledger/entryBundle.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { readNote } from "#ledger/note.ts";
import { openNote } from "#ledger/openNote.ts";
import { verifyInclusion } from "#ledger/verifyInclusion.ts";
import { certifyHolder, openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";

let bench: DevBench;
beforeAll(async () => {
  bench = await openDevBench();
});
afterAll(() => bench.close());

interface Answered {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly treeSize: string;
    readonly rootHash: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
}

interface RootDocument {
  readonly tlogs: readonly {
    readonly publicKey: { readonly rawBytes: string };
    readonly logId: { readonly keyId: string };
  }[];
}

const decode = (text: string): Buffer => Buffer.from(text, "base64");
const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const spki = encode(publicKey.export({ type: "spki", format: "der" }));
const P256 = "PKIX_ECDSA_P256_SHA_256";
const keyed = { publicKey: { rawBytes: spki }, keyDetails: P256 };

const hashedRequest = (text: string, verifier: object = keyed, key = privateKey) => {
  const digest = createHash("sha256").update(text).digest();
  const signature = { content: encode(sign("sha256", Buffer.from(text), key)), verifier };
  return { hashedRekordRequestV002: { digest: encode(digest), signature } };
};

const take = async (request: object): Promise<Answered> => {
  const answer = await bench.post(`${bench.sigstore.urls.rekorTiles}/api/v2/log/entries`, request);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Answered;
};

/** Checks the checkpoint with the key of the trusted root, and gives what it says. */
const openCheckpoint = (text: string) => {
  const { tlogs } = JSON.parse(Buffer.from(bench.sigstore.documents.trustedRoot).toString()) as RootDocument;
  const log = tlogs[1];
  if (log === undefined) throw new TypeError("the second log is that of tiles");
  const key = createPublicKey({ key: decode(log.publicKey.rawBytes), format: "der", type: "spki" });
  const note = readNote(text);
  const check = (bytes: Uint8Array, made: Uint8Array) => verify(null, bytes, key, made);
  const id = decode(log.logId.keyId).readUInt32BE();
  expect(openNote(note, [{ name: "127.0.0.1", id, check }])?.known).toHaveLength(1);
  return { ...readCheckpoint(note.text), keyId: log.logId.keyId };
};

const checkEntry = (entry: Answered): unknown => {
  const { inclusionProof: proof } = entry;
  const checkpoint = openCheckpoint(proof.checkpoint.envelope);
  expect(checkpoint.origin).toBe("127.0.0.1");
  expect([checkpoint.size.toString(), encode(checkpoint.root)]).toEqual([proof.treeSize, proof.rootHash]);
  expect(entry.logId.keyId).toBe(checkpoint.keyId);
  const body = decode(entry.canonicalizedBody);
  const claim = {
    index: BigInt(proof.logIndex),
    size: checkpoint.size,
    leaf: hashLeaf(body),
    hashes: proof.hashes.map(decode),
    root: checkpoint.root,
  };
  expect(verifyInclusion(claim)).toBe(true);
  expect(entry.logIndex).toBe(proof.logIndex);
  return JSON.parse(body.toString());
};

describe("entries", () => {
  it("are of digests, by keys and by certificates", async () => {
    const request = hashedRequest("one");
    const { digest, signature } = request.hashedRekordRequestV002;
    const entry = await take(request);
    expect(entry.kindVersion).toEqual({ kind: "hashedrekord", version: "0.0.2" });
    const spec = { hashedRekordV002: { data: { algorithm: "SHA2_256", digest }, signature } };
    expect(checkEntry(entry)).toEqual({ apiVersion: "0.0.2", kind: "hashedrekord", spec });
    const { privateKey: held, chain } = await certifyHolder(bench, { email: "a@example.com" }, "a@example.com");
    const rawBytes = encode(new X509Certificate(chain[0] ?? "").raw);
    const certified = hashedRequest("two", { x509Certificate: { rawBytes }, keyDetails: P256 }, held);
    expect(checkEntry(await take(certified))).toHaveProperty(
      "spec.hashedRekordV002.signature.verifier.x509Certificate.rawBytes",
      rawBytes,
    );
  });

  it("are of envelopes", async () => {
    const payload = Buffer.from("{}");
    const sig = encode(sign("sha256", pae("text/x", payload), privateKey));
    const envelope = { payload: encode(payload), payloadType: "text/x", signatures: [{ sig, keyid: "" }] };
    const entry = await take({ dsseRequestV002: { envelope, verifiers: [keyed] } });
    expect(entry.kindVersion).toEqual({ kind: "dsse", version: "0.0.2" });
    const digest = createHash("sha256").update(payload).digest("base64");
    const signatures = [{ content: sig, verifier: keyed }];
    const spec = { dsseV002: { payloadHash: { algorithm: "SHA2_256", digest }, signatures } };
    expect(checkEntry(entry)).toEqual({ apiVersion: "0.0.2", kind: "dsse", spec });
  });

  it("are in tiles that make the root of the checkpoint", async () => {
    const taken = [await take(hashedRequest("three")), await take(hashedRequest("four"))];
    const { rekorTiles } = bench.sigstore.urls;
    const { size } = openCheckpoint(await (await fetch(`${rekorTiles}/api/v2/checkpoint`)).text());
    const bytes = async (path: string) =>
      Buffer.from(await (await fetch(`${rekorTiles}/api/v2/${path}`)).arrayBuffer());
    const entries = readEntryBundle(await bytes(`tile/entries/000.p/${size}`));
    expect(entries.slice(-2).map(encode)).toEqual(taken.map((one) => one.canonicalizedBody));
    expect((await bytes(`tile/0/000.p/${size}`)).equals(Buffer.concat(entries.map(hashLeaf)))).toBe(true);
    for (const none of [
      `tile/0/000.p/${size + 1n}`,
      "tile/0/000",
      "tile/0/001.p/1",
      "tile/1/000.p/1",
      "tile/0/000.p/256",
    ])
      expect((await fetch(`${rekorTiles}/api/v2/${none}`)).status).toBe(404);
  });
});

describe("refused are", () => {
  const { digest, signature } = hashedRequest("x").hashedRekordRequestV002;
  it.each([
    ["a signature over another digest", { digest: encode(Buffer.alloc(32, 1)), signature }],
    [
      "a kind of key that it is not",
      { digest, signature: { ...signature, verifier: { ...keyed, keyDetails: "PKIX_ED25519_PH" } } },
    ],
    [
      "a key that is none",
      { digest, signature: { ...signature, verifier: { publicKey: { rawBytes: "AAAA" }, keyDetails: P256 } } },
    ],
    ["no signature", { digest }],
  ])("%s", async (_, hashedRekordRequestV002) => {
    const url = `${bench.sigstore.urls.rekorTiles}/api/v2/log/entries`;
    expect((await bench.post(url, { hashedRekordRequestV002 })).status).toBe(400);
  });

  it("other requests, and bodies that are too large", async () => {
    const url = `${bench.sigstore.urls.rekorTiles}/api/v2/log/entries`;
    expect((await bench.post(url, { rekordRequest: {} })).status).toBe(400);
    expect((await bench.post(url, Buffer.from("no JSON"))).status).toBe(400);
    const large = await bench.post(url, Buffer.alloc(8 * 1024 * 1024 + 1)).catch(() => undefined);
    expect([413, undefined]).toContain(large?.status);
  });
});
