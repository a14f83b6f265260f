import type { DsseClaim, UnreadableClaim } from "#claims/claim.ts";
import { writeEnvelope } from "#claims/dsse.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { WaybillError } from "#core/errors.ts";
import { imageToDownload, onOneLine } from "#app/downloadedPapers.ts";
import type { DownloadInput, DownloadReport } from "#app/downloadedPapers.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";

export interface AttestationDownload extends DownloadInput {
  /** URI; undefined takes every type but the image signature's. */
  readonly predicateType: string | undefined;
  /** Envelopes in the legacy shape, whatever carries them, or bundles as they are carried. */
  readonly form: "envelope" | "bundle";
}

/**
 * Hands on the attestations of an image as they are: nothing is verified. Each distinct one comes once, though it may be
 * stored in both forms; image signatures, which are statements in bundles, too, are left out.
 */
export const downloadAttestations =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: AttestationDownload): Promise<DownloadReport> => {
    const image = await imageToDownload(deps)(ctx, input);
    const seen = new Set<string>();
    const unreadable: UnreadableClaim[] = [];
    const failures: WaybillError[] = [];
    const [others, foreign] = [new Set<string>(), new Set<string>()];
    for await (const batch of gatherPapers(ctx, {
      repository: image.repository,
      subject: image.digest,
      kinds: ["attestation"],
      predicateType: input.predicateType,
      storage: "both",
    })) {
      failures.push(...batch.failures);
      for (const { candidate } of batch.papers) {
        if (candidate.kind === "unreadable") unreadable.push(candidate);
        if (candidate.kind !== "dsse") continue;
        const statement = unverifiedStatement(candidate);
        if (!isWanted(statement?.predicateType, input.predicateType)) continue;
        const identity = identityOf(candidate);
        if (statement?.subjects.every(({ digest }) => digest !== image.digest) === true) foreign.add(identity);
        if (seen.has(identity)) continue;
        if (input.form === "bundle" && candidate.found.form !== "bundle") others.add(identity);
        else {
          seen.add(identity);
          await input.take(lineOf(candidate, input.form));
        }
      }
    }
    const left = others.difference(seen).size;
    return { count: seen.size, left, foreign: foreign.intersection(seen).size, unreadable, failures };
  };

/** What is no statement has no type, so only who asks for all gets it. */
const isWanted = (type: string | undefined, wanted: string | undefined): boolean =>
  type !== SIGNATURE_TYPE && (wanted === undefined || type === wanted);

/** The same payload with the same signatures is the same attestation, wherever it is stored. */
const identityOf = ({ envelope: { payloadType, payload, signatures } }: DsseClaim): string =>
  JSON.stringify([payloadType, digestOf(payload), signatures.map(({ sig }) => digestOf(sig)).toSorted()]);

const lineOf = ({ envelope, bytes }: DsseClaim, form: AttestationDownload["form"]): Uint8Array =>
  form === "bundle" ? onOneLine(bytes) : writeEnvelope(envelope.payloadType, envelope.payload, envelope.signatures);
