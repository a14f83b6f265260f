import { generateKeyPairSync, sign } from "node:crypto";
import { encodeBase64 } from "#claims/base64.ts";
import type { LogEntry } from "#claims/logEntry.ts";
import { writeCheckpoint } from "#ledger/checkpoint.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import { createMerkleTree } from "#ledger/merkleTree.ts";
import { writeNote } from "#ledger/note.ts";
import { noteKeyHash, noteKeyId, spkiHash } from "#ledger/noteKey.ts";
import { readSpki } from "#trust/publicKey.ts";
import type { TrustedLog, TrustRoot } from "#trust/trustRoot.ts";

/** A transparency log with a key and a tree of its own. */
export interface TestLog {
  readonly trusted: TrustedLog;
  /** Trusts this log alone. */
  readonly root: TrustRoot;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** Writes a body down, and some others before and after it; what comes back has a proof, and a promise from Rekor v1. */
  readonly log: (body: Uint8Array) => LogEntry;
  /** The checkpoint of the whole tree, under whichever name and origin. */
  readonly checkpoint: (wish?: { readonly name?: string; readonly origin?: string }) => string;
  /** The promise for what an entry says. */
  readonly promise: (entry: LogEntry) => Uint8Array;
}

export interface TestLogWish {
  readonly generation?: 1 | 2;
  readonly curve?: "P-256" | "P-384" | "ed25519";
  readonly host?: string;
  readonly operator?: string;
}

export const LOGGED_AT = new Date("2026-06-01T12:00:00Z");
const SECONDS = BigInt(LOGGED_AT.getTime() / 1000);

export const createTestLog = ({
  generation = 1,
  curve = "P-256",
  host = "log.example",
  operator,
}: TestLogWish = {}): TestLog => {
  const { publicKey, privateKey } =
    curve === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: curve });
  const key = readSpki(publicKey.export({ type: "spki", format: "der" }), "test log");
  const hash = curve === "ed25519" ? null : curve === "P-384" ? "sha384" : "sha256";
  const signBytes = (bytes: Uint8Array): Uint8Array => sign(hash, bytes, privateKey);
  const logId = generation === 1 ? spkiHash(key.spki) : noteKeyHash(host, key);
  const window = { start: new Date("2026-01-01T00:00:00Z"), end: new Date("2026-12-31T23:59:59Z") };
  const trusted = { uri: `https://${host}`, logId, keyId: spkiHash(key.spki), origin: host, key, window, operator };
  const tree = createMerkleTree();
  const checkpoint: TestLog["checkpoint"] = ({ name = host, origin } = {}) => {
    const ofLog = generation === 1 ? `${name} - 2605736670972794746` : name;
    const text = writeCheckpoint({ origin: origin ?? ofLog, size: tree.size, root: tree.root(), extensions: [] });
    const id = noteKeyId(generation === 1 ? spkiHash(key.spki) : noteKeyHash(name, key));
    return writeNote({ text, signatures: [{ name, id, signature: signBytes(Buffer.from(text)) }] });
  };
  const promise = (entry: LogEntry): Uint8Array => signBytes(promisedBytes(entry));
  const fill = (): unknown => [1, 2, 3].map((at) => tree.append(hashLeaf(Buffer.from(`other entry ${at}`))));
  return {
    trusted,
    root: { ...NO_ROOT, source: `root of ${host}`, logs: [trusted] },
    sign: signBytes,
    checkpoint,
    promise,
    log: (body) => {
      fill();
      const index = tree.append(hashLeaf(body));
      fill();
      const { kind, apiVersion } = JSON.parse(Buffer.from(body).toString()) as Record<string, string | undefined>;
      const proof = {
        index,
        treeSize: tree.size,
        rootHash: tree.root(),
        hashes: tree.inclusionProof(index),
        checkpoint: checkpoint(),
      };
      // Trees of Rekor v1 come one after another.
      const entry = { logId, kind, version: apiVersion, proof, body, promise: undefined };
      if (generation === 2) return { ...entry, index, integratedTime: undefined };
      const first = { ...entry, index: index + 1000n, integratedTime: SECONDS };
      return { ...first, promise: promise(first) };
    },
  };
};

const NO_ROOT = { published: undefined, certificateAuthorities: [], timestampAuthorities: [], ctLogs: [] };

/** RFC 8785 of what Rekor v1 signs, by way of JSON.stringify and sorted names. */
const promisedBytes = ({ body, integratedTime, logId, index }: LogEntry): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      body: encodeBase64(body ?? Buffer.alloc(0)),
      integratedTime: Number(integratedTime),
      logID: Buffer.from(logId ?? []).toString("hex"),
      logIndex: Number(index),
    }),
  );
