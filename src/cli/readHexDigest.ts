import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

/** A SHA-256 as cosign's flags take it: 64 hex digits; `sha256:` may stand before them. USAGE_INVALID. */
export const readHexDigest = (text: string, where: string): Digest => {
  const digest = `sha256:${text.replace(/^sha256:/, "").toLowerCase()}`;
  if (isDigest(digest)) return digest;
  throw new WaybillError("USAGE_INVALID", `${where}: ${JSON.stringify(text.slice(0, 160))} is no SHA-256`, {
    hint: "Give the 64 hex digits that sha256sum prints.",
  });
};
