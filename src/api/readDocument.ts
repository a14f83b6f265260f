import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { RecordStore } from "#records/recordStore.ts";

/** The bytes of a document that a paper names. STORE_FAILED where the index names what the store does not have. */
export const readDocument = async (
  store: RecordStore,
  ctx: Ctx,
  digest: Digest | undefined,
): Promise<Uint8Array<ArrayBuffer>> => {
  const found = digest && (await store.read(ctx, (records) => records.documents.get(digest)));
  if (found === undefined) throw new WaybillError("STORE_FAILED", `the document ${digest ?? "of a paper"} is missing`);
  return found.bytes as Uint8Array<ArrayBuffer>;
};
