import { encodeBase64 } from "#claims/base64.ts";
import { noteKeyHash } from "#ledger/noteKey.ts";
import { writeEntryBundle } from "#ledger/entryBundle.ts";
import { entriesPath, tilePath } from "#ledger/tilePaths.ts";
import type { DevKey } from "#devsigstore/devKey.ts";
import { createDevLog, signCheckpoint } from "#devsigstore/devLog.ts";
import type { DevLog } from "#devsigstore/devLog.ts";
import { answerBytes, answerJson, answerText, routeExactly } from "#devsigstore/devRequest.ts";
import type { DevAnswer, DevRequest, DevService } from "#devsigstore/devRequest.ts";
import { readRequestJson } from "#devsigstore/requestJson.ts";
import { readTilesProposal } from "#devsigstore/rekorTilesProposal.ts";

/** Who signs a log of tiles: as its key and its log id, origin and name of the key are its host (cosign.md 6.5). */
export interface TilesSigner {
  readonly key: DevKey;
  readonly host: string;
}

/** Rekor v2: one request to write, tiles and a checkpoint to read (rekor-tiles' openapi, C2SP tlog-tiles). */
export const rekorTilesService = (signer: TilesSigner): DevService => {
  const log = createDevLog<Uint8Array>();
  const checkpoint = () => signCheckpoint(log.tree, { origin: signer.host, name: signer.host, key: signer.key });
  const fixed = routeExactly({
    "POST /api/v2/log/entries": ({ body }) => {
      const entry = readTilesProposal(readRequestJson(body));
      const index = log.append(entry.body, entry.body);
      return answerJson(describe(log, signer, { ...entry, index, checkpoint: checkpoint() }), 201);
    },
    "GET /api/v2/checkpoint": () => answerText(checkpoint()),
  });
  return (request) => fixed(request) ?? readTile(log, request);
};

interface TakenEntry {
  readonly index: bigint;
  readonly kind: string;
  readonly version: string;
  readonly body: Uint8Array;
  readonly checkpoint: string;
}

/** TransparencyLogEntry as protojson (sigstore_rekor.proto). */
const describe = ({ tree }: DevLog<Uint8Array>, { key, host }: TilesSigner, entry: TakenEntry) => {
  const index = entry.index.toString();
  return {
    logIndex: index,
    logId: { keyId: encodeBase64(noteKeyHash(host, key.publicKey)) },
    kindVersion: { kind: entry.kind, version: entry.version },
    integratedTime: "0",
    inclusionProof: {
      logIndex: index,
      rootHash: encodeBase64(tree.root()),
      treeSize: tree.size.toString(),
      hashes: tree.inclusionProof(entry.index).map(encodeBase64),
      checkpoint: { envelope: entry.checkpoint },
    },
    canonicalizedBody: encodeBase64(entry.body),
  };
};

const TILE = /^\/api\/v2\/tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x\d{3}\/){0,3}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** What is not whole, or not there, is not found: a tile is asked for by the size of a checkpoint. */
const readTile = (log: DevLog<Uint8Array>, { method, path }: DevRequest): DevAnswer | undefined => {
  const [, level, place = "", partial] = TILE.exec(path) ?? [];
  if (level === undefined || method !== "GET") return undefined;
  const index = BigInt(place.replaceAll(/[x/]/g, ""));
  const width = Number(partial ?? 256);
  const isEntries = level === "entries";
  const own = isEntries ? entriesPath({ index, width }) : tilePath({ level: Number(level), index, width });
  // One tile has one name.
  if (!path.endsWith(own) || width > 255 + Number(partial === undefined)) return undefined;
  const height = isEntries ? 0n : BigInt(level) * 8n;
  if (index * 256n + BigInt(width) > log.tree.size >> height) return undefined;
  if (!isEntries) return answerBytes(log.tree.tile(Number(level), index, width));
  const entries = Array.from({ length: width }, (_, at) => log.entry(index * 256n + BigInt(at)) ?? new Uint8Array());
  return answerBytes(writeEntryBundle(entries));
};
