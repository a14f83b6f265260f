import { WaybillError } from "#core/errors.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { isJsonObject } from "#core/strictJson.ts";
import { formatPublicKey } from "#trust/publicKey.ts";
import { answerJson, routeExactly } from "#devsigstore/devRequest.ts";
import type { DevAnswer, DevRequest, DevService } from "#devsigstore/devRequest.ts";
import { readCount } from "#devsigstore/readCount.ts";
import type { RekorLog } from "#devsigstore/rekorLog.ts";
import { readProposal } from "#devsigstore/rekorProposal.ts";
import { readRequestJson } from "#devsigstore/requestJson.ts";

const ENTRIES = "/api/v1/log/entries";

/** Rekor v1 (its openapi.yaml). `prefix` is where the service stands, for Location headers. */
export const rekorService = (rekor: RekorLog, prefix: string): DevService => {
  const { log } = rekor;
  const fixed = routeExactly({
    [`POST ${ENTRIES}`]: (request) => take(rekor, prefix, request),
    [`GET ${ENTRIES}`]: ({ query }) => show(rekor, readCount(query, "logIndex")),
    [`POST ${ENTRIES}/retrieve`]: ({ body }) => answerJson(search(rekor, readRequestJson(body))),
    "GET /api/v1/log": () =>
      answerJson({
        inactiveShards: [],
        rootHash: Buffer.from(log.tree.root()).toString("hex"),
        signedTreeHead: rekor.checkpoint(),
        treeID: rekor.treeId,
        treeSize: Number(log.tree.size),
      }),
    "GET /api/v1/log/publicKey": () => ({
      status: 200,
      type: "application/x-pem-file",
      body: formatPublicKey(rekor.key.publicKey),
    }),
    "GET /api/v1/log/proof": ({ query }) => prove(rekor, query),
  });
  return (request) => fixed(request) ?? showNamed(rekor, request);
};

const take = (rekor: RekorLog, prefix: string, { body }: DevRequest): DevAnswer => {
  const proposed = readProposal(readRequestJson(body));
  const index = rekor.append(proposed);
  const location = (at: bigint) => ({ Location: `${prefix}${ENTRIES}/${rekor.log.entry(at)?.uuid ?? ""}` });
  if (index !== undefined) {
    const headers = { ...location(index), ETag: rekor.log.entry(index)?.uuid ?? "" };
    return answerJson(rekor.describe(index), 201, headers);
  }
  const uuid = rekor.log.entry(rekor.find(proposed) ?? 0n)?.uuid ?? "";
  const message = `an equivalent entry already exists in the transparency log with UUID ${uuid}`;
  return answerJson({ code: 409, message }, 409, location(rekor.find(proposed) ?? 0n));
};

const show = (rekor: RekorLog, index: bigint): DevAnswer => {
  if (index < rekor.log.tree.size) return answerJson(rekor.describe(index));
  throw new WaybillError("NOT_FOUND", `there is no entry ${index}`);
};

const showNamed = (rekor: RekorLog, { method, path }: DevRequest): DevAnswer | undefined => {
  if (method !== "GET" || !path.startsWith(`${ENTRIES}/`)) return undefined;
  const index = rekor.findUuid(path.slice(ENTRIES.length + 1));
  if (index === undefined) throw new WaybillError("NOT_FOUND", "there is no entry of this UUID");
  return show(rekor, index);
};

// As many as Rekor itself looks up at once.
const MAX_QUERIES = 10;

/** What is there of the entries that the query names by index, by UUID or as they would be proposed. */
const search = (rekor: RekorLog, query: JsonObject): readonly unknown[] => {
  const { logIndexes = [], entryUUIDs = [], entries = [] } = query;
  const lists = [logIndexes, entryUUIDs, entries].map((one) => (Array.isArray(one) ? (one as readonly Json[]) : []));
  if (lists.flat().length > MAX_QUERIES) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_QUERIES} queries`);
  const [byIndex = [], byUuid = [], byEntry = []] = lists;
  const found = [
    ...byIndex.map((one) =>
      typeof one === "number" && Number.isSafeInteger(one) && one >= 0 ? BigInt(one) : undefined,
    ),
    ...byUuid.map((one) => (typeof one === "string" ? rekor.findUuid(one) : undefined)),
    ...byEntry.map((one) => (isJsonObject(one) ? rekor.find(readProposal(one)) : undefined)),
  ];
  return found.flatMap((index) => (index === undefined || index >= rekor.log.tree.size ? [] : [rekor.describe(index)]));
};

const prove = ({ log: { tree } }: RekorLog, query: URLSearchParams): DevAnswer => {
  const first = query.has("firstSize") ? readCount(query, "firstSize") : 1n;
  const last = readCount(query, "lastSize");
  const hashes = tree.consistencyProof(first, last).map((one) => Buffer.from(one).toString("hex"));
  return answerJson({ hashes, rootHash: Buffer.from(tree.root(last)).toString("hex") });
};
