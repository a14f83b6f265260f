import { encodeBase64 } from "#claims/base64.ts";
import type { SimpleSigningClaim, UnreadableClaim } from "#claims/claim.ts";
import { readLegacyLayers } from "#claims/legacyImage.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { Repositories, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { WaybillError } from "#core/errors.ts";
import { hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { imageToDownload, onOneLine } from "#app/downloadedPapers.ts";
import type { DownloadInput, DownloadReport } from "#app/downloadedPapers.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { paperRepository } from "#app/paperRepository.ts";
import type { Storage } from "#app/storage.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";

export interface SignatureDownload extends DownloadInput {
  /** Undefined: as cosign, bundles where there are any, else what the legacy tag holds. */
  readonly storage: Storage | undefined;
}

/** Hands on the image signatures as they are: nothing is verified. Attestations are left out. */
export const downloadSignatures =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: SignatureDownload): Promise<DownloadReport> => {
    const image = await imageToDownload(deps)(ctx, input);
    const legacy: SimpleSigningClaim[] = [];
    const unreadable: UnreadableClaim[] = [];
    const failures: WaybillError[] = [];
    let [bundles, foreign] = [0, 0];
    const gather = { repository: image.repository, subject: image.digest, kinds: ["signature"] as const };
    for await (const batch of gatherPapers(ctx, { ...gather, storage: input.storage ?? "both" })) {
      failures.push(...batch.failures);
      for (const { candidate } of batch.papers) {
        if (candidate.kind === "unreadable") unreadable.push(candidate);
        if (candidate.kind === "simple-signing") legacy.push(candidate);
        if (candidate.kind !== "dsse") continue;
        const statement = unverifiedStatement(candidate);
        if (statement?.predicateType !== SIGNATURE_TYPE) continue;
        if (statement.subjects.every(({ digest }) => digest !== image.digest)) foreign++;
        bundles++;
        await input.take(onOneLine(candidate.bytes));
      }
    }
    const wanted = input.storage === undefined && bundles > 0 ? [] : legacy;
    const read = readCarried(ctx, paperRepository(image.repository));
    for (const one of wanted) await input.take(signatureLine(one, await read(one)));
    return { count: bundles + wanted.length, left: legacy.length - wanted.length, foreign, unreadable, failures };
  };

type Annotations = Readonly<Record<string, string>>;

/** Annotations of a signature's layer; the manifest is read once for all of its layers. */
const readCarried = (ctx: Ctx, repository: Repository) => {
  const read = new Map<string, readonly Annotations[]>();
  return async ({ found: { manifest, layer = 0 } }: SimpleSigningClaim): Promise<Annotations> => {
    let layers = read.get(manifest);
    if (layers === undefined) {
      const raw = await repository.readManifest(ctx, manifest);
      layers = raw === undefined ? [] : readLegacyLayers(raw).map(({ annotations = {} }) => annotations);
      read.set(manifest, layers);
    }
    return layers[layer] ?? {};
  };
};

/**
 * A line with the names that cosign's has. Certificates are `{"Raw": base64 of DER}`, of Go's many members the one from
 * which all others come.
 */
const signatureLine = ({ payload, signature }: SimpleSigningClaim, annotations: Annotations): Uint8Array => {
  const [cert = null] = certificates(annotations["dev.sigstore.cosign/certificate"]);
  const chain = certificates(annotations["dev.sigstore.cosign/chain"]);
  return Buffer.from(
    JSON.stringify({
      Base64Signature: encodeBase64(signature),
      Payload: encodeBase64(payload),
      Cert: cert,
      Chain: chain.length === 0 ? null : chain,
      Bundle: objectIn(annotations["dev.sigstore.cosign/bundle"]),
      RFC3161Timestamp: objectIn(annotations["dev.sigstore.cosign/rfc3161timestamp"]),
    }),
  );
};

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

const certificates = (pem = ""): readonly { readonly Raw: string }[] =>
  [...pem.matchAll(PEM)].map(([, body = ""]) => ({ Raw: body.replace(/\s/g, "") }));

const objectIn = (text = ""): Json => {
  try {
    const value = parseStrict(Buffer.from(text), "annotation");
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return null;
  }
};
