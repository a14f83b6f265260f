import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { BuildImage, Reason } from "#records/build.ts";

/** Fails with STORE_FAILED where somebody else has changed the database. */
export const readDigest = (text: string): Digest => {
  if (isDigest(text)) return text;
  throw new WaybillError("STORE_FAILED", "the store holds a digest that is none");
};

export const readImage = (repository: string | null, digest: string | null): BuildImage | undefined =>
  repository === null || digest === null ? undefined : { repository, digest: readDigest(digest) };

export const readReason = (code: string | null, message: string | null): Reason | undefined =>
  code === null || message === null ? undefined : { code, message };

export const reasonColumns = (reason: Reason | undefined) => ({
  reason_code: reason?.code ?? null,
  reason_message: reason?.message ?? null,
});

/** JSON of a map of texts; what stands there was written by `JSON.stringify`. */
export const readTexts = (json: string): Readonly<Record<string, string>> =>
  JSON.parse(json) as Readonly<Record<string, string>>;

/** A change of something that is not there is a fault of the caller, and must not look like a success. */
export const expectChange = (changed: { readonly numUpdatedRows: bigint }, what: string): void => {
  if (changed.numUpdatedRows === 0n) throw new WaybillError("STORE_FAILED", `there is no such ${what} to change`);
};
