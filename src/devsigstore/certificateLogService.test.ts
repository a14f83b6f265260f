import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { verifyConsistency } from "#ledger/verifyConsistency.ts";
import { verifyInclusion } from "#ledger/verifyInclusion.ts";
import { certifyHolder, openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";

let bench: DevBench;
beforeAll(async () => {
  bench = await openDevBench();
});
afterAll(() => bench.close());

const decode = (text: string): Buffer => Buffer.from(text, "base64");
const get = async (path: string): Promise<unknown> =>
  (await fetch(`${bench.sigstore.urls.certificateLog}/ct/v1/${path}`)).json();
const issue = () => certifyHolder(bench, { email: "a@example.com" }, "a@example.com");

interface TreeHead {
  readonly tree_size: number;
  readonly timestamp: number;
  readonly sha256_root_hash: string;
  readonly tree_head_signature: string;
}

interface Entries {
  readonly entries: readonly { readonly leaf_input: string; readonly extra_data: string }[];
}

const logKey = () => {
  const { ctlogs } = JSON.parse(Buffer.from(bench.sigstore.documents.trustedRoot).toString()) as {
    readonly ctlogs: readonly [{ readonly publicKey: { readonly rawBytes: string } }];
  };
  return createPublicKey({ key: decode(ctlogs[0].publicKey.rawBytes), format: "der", type: "spki" });
};

it("holds what was issued, under tree heads that it signs", async () => {
  await issue();
  const first = (await get("get-sth")) as TreeHead;
  await issue();
  await issue();
  const head = (await get("get-sth")) as TreeHead;
  expect([first.tree_size, head.tree_size, head.timestamp]).toEqual([1, 3, bench.clock.now()]);
  // RFC 6962 section 3.5
  const signed = Buffer.alloc(18);
  signed.writeUInt8(1, 1);
  signed.writeBigUInt64BE(BigInt(head.timestamp), 2);
  signed.writeBigUInt64BE(3n, 10);
  const made = decode(head.tree_head_signature);
  expect([...made.subarray(0, 2), made.readUInt16BE(2)]).toEqual([4, 3, made.byteLength - 4]);
  expect(verify("sha256", Buffer.concat([signed, decode(head.sha256_root_hash)]), logKey(), made.subarray(4))).toBe(
    true,
  );
  const { consistency } = (await get("get-sth-consistency?first=1&second=3")) as { consistency: string[] };
  const trees = [first, head].map((one) => ({ size: BigInt(one.tree_size), root: decode(one.sha256_root_hash) }));
  const [before, after] = trees;
  if (before === undefined || after === undefined) throw new TypeError("two trees");
  expect(verifyConsistency({ first: before, second: after, hashes: consistency.map(decode) })).toBe(true);
  const { entries } = (await get("get-entries?start=0&end=99")) as Entries;
  expect(entries).toHaveLength(3);
  for (const [at, { leaf_input }] of entries.entries()) {
    const leaf = hashLeaf(decode(leaf_input));
    const hash = encodeURIComponent(Buffer.from(leaf).toString("base64"));
    const proof = (await get(`get-proof-by-hash?hash=${hash}&tree_size=3`)) as {
      leaf_index: number;
      audit_path: string[];
    };
    expect(proof.leaf_index).toBe(at);
    const hashes = proof.audit_path.map(decode);
    expect(verifyInclusion({ index: BigInt(at), size: 3n, leaf, hashes, root: after.root })).toBe(true);
  }
});

it("takes precertificates of its authority, and nothing else", async () => {
  const { chain } = await issue();
  const { entries } = (await get("get-entries?start=0&end=0")) as Entries;
  const extra = decode(entries[0]?.extra_data ?? "");
  const precertificate = extra.subarray(3, 3 + extra.readUIntBE(0, 3));
  const url = `${bench.sigstore.urls.certificateLog}/ct/v1/add-pre-chain`;
  const answer = await bench.post(url, { chain: [precertificate.toString("base64")] });
  const key = logKey().export({ type: "spki", format: "der" });
  expect(await answer.json()).toMatchObject({
    sct_version: 0,
    id: createHash("sha256").update(key).digest("base64"),
    timestamp: bench.clock.now(),
    extensions: "",
  });
  const changed = Buffer.from(precertificate);
  changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
  const leaf = new X509Certificate(chain[0] ?? "").raw.toString("base64");
  for (const refused of [[leaf], [changed.toString("base64")], [], ["AAAA"]])
    expect((await bench.post(url, { chain: refused })).status).toBe(400);
});
