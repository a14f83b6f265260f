import type { ReadPaper } from "#app/blobPapers.ts";
import { MAX_PURE_MESSAGE } from "#app/keptMessageBytes.ts";
import { WaybillError } from "#core/errors.ts";
import type { Message } from "#core/message.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** "No" may only be said of what was looked at: a file too large to be held may have a pure Ed25519 signature. LIMIT_EXCEEDED. */
export const demandDecided = (
  papers: readonly Pick<ReadPaper, "candidate">[],
  message: Message | undefined,
  { keys }: TrustMaterial,
): void => {
  if (message === undefined || message.bytes !== undefined || keys.every(({ key }) => key.kind !== "ed25519")) return;
  const open = papers.some(({ candidate }) => candidate.kind === "message" && candidate.signature.byteLength === 64);
  if (!open) return;
  throw new WaybillError(
    "LIMIT_EXCEEDED",
    `an Ed25519 signature over a file of ${message.size} bytes cannot be checked; the limit is ${MAX_PURE_MESSAGE} bytes`,
    { hint: "Sign large files with another kind of key; Ed25519 needs all of a file in memory." },
  );
};
