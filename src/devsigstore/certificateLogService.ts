import { encodeBase64 } from "#claims/base64.ts";
import { WaybillError } from "#core/errors.ts";
import type { CertificateLog } from "#devsigstore/certificateLog.ts";
import type { DevAuthority } from "#devsigstore/devAuthority.ts";
import { answerJson, routeExactly } from "#devsigstore/devRequest.ts";
import type { DevService } from "#devsigstore/devRequest.ts";
import { readCount } from "#devsigstore/readCount.ts";
import { readRequestJson } from "#devsigstore/requestJson.ts";
import { decodeBase64 } from "#claims/base64.ts";

// RFC 6962 section 4.6 lets a log give fewer than asked for.
const MAX_ENTRIES = 1000n;

/** The messages of RFC 6962 section 4; `now` in milliseconds since 1970. */
export const certificateLogService = (ct: CertificateLog, authority: DevAuthority, now: () => number): DevService => {
  const { log } = ct;
  const { tree } = log;
  return routeExactly({
    "POST /ct/v1/add-pre-chain": ({ body }) => {
      const { chain } = readRequestJson(body);
      const first = Array.isArray(chain) && typeof chain[0] === "string" ? decodeBase64(chain[0]) : undefined;
      if (first === undefined) throw new WaybillError("INPUT_INVALID", "chain is no list of certificates in base64");
      const { logId, timestamp, signature } = ct.addPrecertificate(first);
      const bytes = { id: encodeBase64(logId), extensions: "", signature: encodeBase64(signature) };
      return answerJson({ sct_version: 0, timestamp, ...bytes });
    },
    "GET /ct/v1/get-sth": () => {
      const timestamp = now();
      const root = encodeBase64(tree.root());
      const signature = encodeBase64(ct.signTreeHead(timestamp));
      return answerJson({
        tree_size: Number(tree.size),
        timestamp,
        sha256_root_hash: root,
        tree_head_signature: signature,
      });
    },
    "GET /ct/v1/get-sth-consistency": ({ query }) => {
      const proof = tree.consistencyProof(readCount(query, "first"), readCount(query, "second"));
      return answerJson({ consistency: proof.map(encodeBase64) });
    },
    "GET /ct/v1/get-proof-by-hash": ({ query }) => {
      const hash = decodeBase64(query.get("hash") ?? "");
      const index = hash === undefined ? undefined : log.find(hash);
      if (index === undefined) throw new WaybillError("NOT_FOUND", "no entry has this hash");
      const path = tree.inclusionProof(index, readCount(query, "tree_size"));
      return answerJson({ leaf_index: Number(index), audit_path: path.map(encodeBase64) });
    },
    "GET /ct/v1/get-entries": ({ query }) => {
      const [start, end] = [readCount(query, "start"), readCount(query, "end")];
      if (start > end || start >= tree.size)
        throw new WaybillError("INPUT_INVALID", "start and end are no range of entries");
      const last = [end, start + MAX_ENTRIES - 1n, tree.size - 1n].reduce((a, b) => (a < b ? a : b));
      const indices = Array.from({ length: Number(last - start) + 1 }, (_, at) => start + BigInt(at));
      const entries = indices.flatMap((index) => log.entry(index) ?? []);
      return answerJson({
        entries: entries.map((one) => ({
          leaf_input: encodeBase64(one.leaf),
          extra_data: encodeBase64(one.extraData),
        })),
      });
    },
    "GET /ct/v1/get-roots": () => answerJson({ certificates: [encodeBase64(authority.root.certificate)] }),
  });
};
