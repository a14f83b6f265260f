import type { ImageVerdict } from "#app/verifyImages.ts";
import { printableLines } from "#cli/printable.ts";
import { signatureJson } from "#cli/render/verdicts.ts";

/** What `verify` prints of a verified image: cosign's one JSON array, or the payloads. */
export const signatureLines = (verdict: ImageVerdict, output: "json" | "text"): readonly string[] => {
  if (output === "text")
    return verdict.claims.map(({ claim }) => printableLines(Buffer.from(claim.payload).toString()));
  return [JSON.stringify(verdict.claims.map((claim) => signatureJson(verdict.reference, verdict, claim)))];
};
