import { randomBytes } from "node:crypto";
import { encodeBase64 } from "#claims/base64.ts";
import { hashLeaf } from "#ledger/merkleHash.ts";
import type { DevKey } from "#devsigstore/devKey.ts";
import { createDevLog, signCheckpoint } from "#devsigstore/devLog.ts";
import type { CheckpointSigner, DevLog } from "#devsigstore/devLog.ts";

/** An entry as it was taken. */
interface KeptEntry {
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** Tree id and leaf hash, 80 hex digits. */
  readonly uuid: string;
}

/** A log of signatures as Rekor v1 keeps it (cosign.md 6.2). */
export interface RekorLog {
  readonly key: DevKey;
  /** Decimal, as checkpoints and answers have it. */
  readonly treeId: string;
  readonly log: DevLog<KeptEntry>;
  readonly checkpoint: () => string;
  /** Undefined where an equal entry is there already. */
  readonly append: (body: Uint8Array) => bigint | undefined;
  /** Of the equal entry. */
  readonly find: (body: Uint8Array) => bigint | undefined;
  /** By 64 or 80 hex digits. */
  readonly findUuid: (uuid: string) => bigint | undefined;
  /** As the API gives it: promise, proof and checkpoint of now, under its UUID. */
  readonly describe: (index: bigint) => Readonly<Record<string, unknown>>;
}

/** `host` is that of the log's URL; `now` in milliseconds since 1970. */
export const createRekorLog = (key: DevKey, host: string, now: () => number): RekorLog => {
  const log = createDevLog<KeptEntry>();
  // A positive 64-bit integer; with the first bit set its 16 hex digits have no leading zeros.
  const id = (randomBytes(8).readBigUInt64BE() & 0x7fffffffffffffffn) | 0x1000000000000000n;
  const treeId = id.toString();
  const signer: CheckpointSigner = { origin: `${host} - ${treeId}`, name: host, key };
  const checkpoint = () => signCheckpoint(log.tree, signer);
  const prefix = id.toString(16).padStart(16, "0");
  const find = (body: Uint8Array) => log.find(hashLeaf(body));
  return {
    key,
    treeId,
    log,
    checkpoint,
    append: (body) => {
      if (find(body) !== undefined) return undefined;
      const uuid = `${prefix}${Buffer.from(hashLeaf(body)).toString("hex")}`;
      return log.append(body, { body, integratedTime: Math.floor(now() / 1000), uuid });
    },
    find,
    findUuid: (uuid) => {
      const [, tree = prefix, leaf] = /^([0-9a-f]{16})?([0-9a-f]{64})$/.exec(uuid) ?? [];
      return leaf === undefined || tree !== prefix ? undefined : log.find(Buffer.from(leaf, "hex"));
    },
    describe: (index) => describe({ key, log, checkpoint }, index),
  };
};

const describe = ({ key, log, checkpoint }: Pick<RekorLog, "key" | "log" | "checkpoint">, index: bigint) => {
  const entry = log.entry(index);
  if (entry === undefined) return {};
  const logID = Buffer.from(key.fingerprint).toString("hex");
  // In the order of their names: these very bytes are what the promise is over (RFC 8785).
  const promised = {
    body: encodeBase64(entry.body),
    integratedTime: entry.integratedTime,
    logID,
    logIndex: Number(index),
  };
  const inclusionProof = {
    checkpoint: checkpoint(),
    hashes: log.tree.inclusionProof(index).map((one) => Buffer.from(one).toString("hex")),
    logIndex: Number(index),
    rootHash: Buffer.from(log.tree.root()).toString("hex"),
    treeSize: Number(log.tree.size),
  };
  const signedEntryTimestamp = encodeBase64(key.sign(Buffer.from(JSON.stringify(promised))));
  return { [entry.uuid]: { ...promised, verification: { inclusionProof, signedEntryTimestamp } } };
};
