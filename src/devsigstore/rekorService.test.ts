import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import { readCheckpoint } from "#ledger/checkpoint.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { readNote } from "#ledger/note.ts";
import { openNote } from "#ledger/openNote.ts";
import { verifyConsistency } from "#ledger/verifyConsistency.ts";
import { verifyInclusion } from "#ledger/verifyInclusion.ts";
import { certifyHolder, openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";

let bench: DevBench;
beforeAll(async () => {
  bench = await openDevBench();
});
afterAll(() => bench.close());

interface Answered {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
  };
}

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
const encode = (text: string | Uint8Array): string => Buffer.from(text).toString("base64");
const hex = (text: string): Buffer => Buffer.from(text, "hex");
const signature = (bytes: string | Uint8Array): Buffer => sign("sha256", Buffer.from(bytes), privateKey);

const hashedRekord = (text: string, over = text) => ({
  apiVersion: "0.0.1",
  kind: "hashedrekord",
  spec: {
    data: { hash: { algorithm: "sha256", value: createHash("sha256").update(text).digest("hex") } },
    signature: { content: encode(signature(over)), publicKey: { content: encode(pem) } },
  },
});

const entriesUrl = () => `${bench.sigstore.urls.rekor}/api/v1/log/entries`;
const get = async (path: string) => (await fetch(`${bench.sigstore.urls.rekor}${path}`)).json();

/** What came back for one entry, and under which UUID. */
const take = async (entry: unknown): Promise<readonly [string, Answered]> => {
  const answer = await bench.post(entriesUrl(), entry);
  expect(answer.status).toBe(201);
  const [first] = Object.entries((await answer.json()) as Record<string, Answered>);
  if (first === undefined) throw new TypeError("no entry");
  expect(answer.headers.get("etag")).toBe(first[0]);
  return first;
};

const logKey = async () =>
  createPublicKey(await (await fetch(`${bench.sigstore.urls.rekor}/api/v1/log/publicKey`)).text());

const checkEntry = async (uuid: string, entry: Answered): Promise<unknown> => {
  const key = await logKey();
  const spki = key.export({ type: "spki", format: "der" });
  expect(entry.logID).toBe(createHash("sha256").update(spki).digest("hex"));
  const { verification, ...promised } = entry;
  const text = `{"body":"${promised.body}","integratedTime":${promised.integratedTime},"logID":"${promised.logID}","logIndex":${promised.logIndex}}`;
  expect(verify("sha256", Buffer.from(text), key, Buffer.from(verification.signedEntryTimestamp, "base64"))).toBe(true);
  const leaf = hashLeaf(Buffer.from(entry.body, "base64"));
  expect(uuid.slice(16)).toBe(Buffer.from(leaf).toString("hex"));
  const { checkpoint, hashes, logIndex, rootHash, treeSize } = verification.inclusionProof;
  const id = createHash("sha256").update(spki).digest().readUInt32BE();
  const check = (bytes: Uint8Array, made: Uint8Array) => verify("sha256", bytes, key, made);
  const note = readNote(checkpoint);
  expect(openNote(note, [{ name: "127.0.0.1", id, check }])?.known).toHaveLength(1);
  const read = readCheckpoint(note.text);
  expect(read.origin).toMatch(/^127\.0\.0\.1 - [1-9][0-9]+$/);
  expect([read.size, Buffer.from(read.root).toString("hex")]).toEqual([BigInt(treeSize), rootHash]);
  const claim = { index: BigInt(logIndex), size: read.size, leaf, hashes: hashes.map(hex), root: read.root };
  expect(verifyInclusion(claim)).toBe(true);
  return JSON.parse(Buffer.from(entry.body, "base64").toString());
};

describe("entries", () => {
  it("are taken with a promise, a proof and a checkpoint that hold", async () => {
    for (const text of ["one", "two", "three", "four", "five"]) {
      const proposed = hashedRekord(text);
      const [uuid, entry] = await take(proposed);
      expect(await checkEntry(uuid, entry)).toEqual(proposed);
      expect(entry.integratedTime).toBe(Math.floor(bench.clock.now() / 1000));
      expect(await get(`/api/v1/log/entries/${uuid}`)).toEqual({
        [uuid]: expect.objectContaining({ body: entry.body }),
      });
      expect(await get(`/api/v1/log/entries?logIndex=${entry.logIndex}`)).toHaveProperty(uuid);
      const found = await bench.post(`${entriesUrl()}/retrieve`, { entries: [proposed] });
      expect(await found.json()).toEqual([{ [uuid]: expect.objectContaining({ logIndex: entry.logIndex }) }]);
    }
  });

  it("are of envelopes, with the certificate that signed them", async () => {
    const { privateKey: held, chain } = await certifyHolder(bench, { email: "a@example.com" }, "a@example.com");
    const payload = Buffer.from(`{"_type":"https://in-toto.io/Statement/v1"}`);
    const type = "application/vnd.in-toto+json";
    const sig = sign("sha256", pae(type, payload), held);
    const envelope = Buffer.from(writeEnvelope(type, payload, [{ keyid: "", sig }])).toString();
    const proposedContent = { envelope, verifiers: [encode(chain[0] ?? "")] };
    const [uuid, entry] = await take({ apiVersion: "0.0.1", kind: "dsse", spec: { proposedContent } });
    const sha256 = (bytes: string | Uint8Array) => ({
      algorithm: "sha256",
      value: createHash("sha256").update(bytes).digest("hex"),
    });
    expect(await checkEntry(uuid, entry)).toEqual({
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        envelopeHash: sha256(envelope),
        payloadHash: sha256(payload),
        signatures: [{ signature: encode(sig), verifier: encode(chain[0] ?? "") }],
      },
    });
    const old = { content: { envelope }, publicKey: encode(chain[0] ?? "") };
    const [oldUuid, oldEntry] = await take({ apiVersion: "0.0.1", kind: "intoto", spec: old });
    expect(await checkEntry(oldUuid, oldEntry)).toEqual({
      apiVersion: "0.0.1",
      kind: "intoto",
      spec: { content: { hash: sha256(envelope), payloadHash: sha256(payload) }, publicKey: encode(chain[0] ?? "") },
    });
    const twice = {
      payloadType: type,
      payload: encode(encode(payload)),
      signatures: [{ sig: encode(encode(sig)), publicKey: encode(chain[0] ?? "") }],
    };
    const [newUuid, newEntry] = await take({
      apiVersion: "0.0.2",
      kind: "intoto",
      spec: { content: { envelope: twice } },
    });
    expect(await checkEntry(newUuid, newEntry)).toEqual({
      apiVersion: "0.0.2",
      kind: "intoto",
      spec: {
        content: {
          envelope: { payloadType: type, signatures: twice.signatures },
          hash: sha256(envelope),
          payloadHash: sha256(payload),
        },
      },
    });
  });

  it("are there once: the second is told where the first is", async () => {
    const proposed = hashedRekord("twice");
    const [uuid] = await take(proposed);
    const again = await bench.post(entriesUrl(), proposed);
    expect(again.status).toBe(409);
    expect(again.headers.get("location")).toBe(`/rekor/api/v1/log/entries/${uuid}`);
  });

  it("grow a log whose past stays what it was", async () => {
    const before = (await get("/api/v1/log")) as { rootHash: string; treeSize: number };
    await take(hashedRekord("more"));
    await take(hashedRekord("and more"));
    const after = (await get("/api/v1/log")) as { rootHash: string; treeSize: number };
    const proof = `firstSize=${before.treeSize}&lastSize=${after.treeSize}`;
    const { hashes, rootHash } = (await get(`/api/v1/log/proof?${proof}`)) as { hashes: string[]; rootHash: string };
    expect(rootHash).toBe(after.rootHash);
    const trees = [before, after].map((one) => ({ size: BigInt(one.treeSize), root: hex(one.rootHash) }));
    const [first, second] = trees;
    if (first === undefined || second === undefined) throw new TypeError("two trees");
    expect(verifyConsistency({ first, second, hashes: hashes.map(hex) })).toBe(true);
  });
});

describe("refused are", () => {
  it.each([
    ["a signature over something else", hashedRekord("this", "that")],
    ["a kind that is unknown", { ...hashedRekord("x"), kind: "rpm" }],
    ["a version that is unknown", { ...hashedRekord("x"), apiVersion: "9.9.9" }],
    ["a digest that is none", hashOnly("abc")],
    ["no object", []],
    ["an envelope that its verifier did not sign", foreignEnvelope()],
  ])("%s", async (_, entry) => {
    const { treeSize } = (await get("/api/v1/log")) as { treeSize: number };
    const answer = await bench.post(entriesUrl(), entry);
    expect(answer.status).toBe(400);
    expect((await get("/api/v1/log")) as unknown).toMatchObject({ treeSize });
  });

  it("what is not there, with 404, and what is no number, with 400", async () => {
    const { rekor } = bench.sigstore.urls;
    expect((await fetch(`${rekor}/api/v1/log/entries?logIndex=5000`)).status).toBe(404);
    expect((await fetch(`${rekor}/api/v1/log/entries?logIndex=-1`)).status).toBe(400);
    expect((await fetch(`${rekor}/api/v1/log/entries/${"0".repeat(64)}`)).status).toBe(404);
    expect((await fetch(`${rekor}/api/v1/log/proof?lastSize=5000`)).status).toBe(400);
    expect((await fetch(`${rekor}/api/v1/log`, { method: "DELETE" })).status).toBe(404);
  });
});

function hashOnly(value: string) {
  const entry = hashedRekord("x");
  return { ...entry, spec: { ...entry.spec, data: { hash: { algorithm: "sha256", value } } } };
}

function foreignEnvelope() {
  const envelope = Buffer.from(
    writeEnvelope("t", Buffer.from("p"), [{ keyid: "", sig: signature("else") }]),
  ).toString();
  return { apiVersion: "0.0.1", kind: "dsse", spec: { proposedContent: { envelope, verifiers: [encode(pem)] } } };
}
