import { writeBundle } from "#claims/bundle.ts";
import { EMPTY_CONFIG, writeBundleManifest } from "#claims/bundleManifest.ts";
import { appendLegacyLayers, attestationLayer, legacyTag } from "#claims/legacyImage.ts";
import { writeEnvelope } from "#claims/dsse.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { copyImage } from "#app/copyImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { verifyImage } from "#app/verifyImages.ts";

export interface ForgeInput {
  readonly from: ResolvedImage;
  /** An empty repository that gets the image and, in both forms, the forged SBOM attestation alone. */
  readonly to: Repository;
  readonly trust: TrustMaterial;
}

/**
 * What somebody with push rights could do to an SBOM: copy image and attestation, edit the payload, keep the signature.
 * Only for showing that it is refused. Returns the name that was replaced.
 */
export const forgeSbom = async (ctx: Ctx, { from, to, trust }: ForgeInput): Promise<string> => {
  const { claim } = await signedSbom(ctx, from, trust);
  const edit = renameComponent(claim.payload);
  const envelope = claim.claim.kind === "dsse" ? claim.claim.envelope : undefined;
  const [signature] = envelope?.signatures ?? [];
  if (signature === undefined) throw new WaybillError("INTERNAL", "the SBOM is not in an envelope");
  await copyImage(ctx, { from: from.repository, to, digest: from.digest, tag: "1.0" });
  const subject = from.descriptor;
  const bytes = writeBundle({
    payloadType: MEDIA_TYPE.inToto,
    payload: edit.payload,
    signature: signature.sig,
    publicKeySpki: claim.signer.key.spki,
  });
  const bundle = { digest: digestOf(bytes), size: bytes.byteLength };
  await to.writeBlob(ctx, EMPTY_CONFIG, EMPTY_CONFIG.bytes);
  await to.writeBlob(ctx, bundle, bytes);
  await to.writeReferrers(ctx, subject.digest, [
    writeBundleManifest({ bundle, predicateType: PREDICATE_TYPES.cyclonedx, subject }),
  ]);
  const paper = attestationLayer(
    writeEnvelope(MEDIA_TYPE.inToto, edit.payload, [signature]),
    PREDICATE_TYPES.cyclonedx,
  );
  const { manifest, config } = appendLegacyLayers(undefined, [paper.layer]);
  await to.writeBlob(ctx, paper.layer, paper.bytes);
  await to.writeBlob(ctx, config, config.bytes);
  await to.writeManifest(ctx, manifest, legacyTag(subject.digest, "att"));
  return edit.name;
};

const signedSbom = async (
  ctx: Ctx,
  image: ResolvedImage,
  trust: TrustMaterial,
): Promise<{ readonly claim: VerifiedClaim }> => {
  const wanted = { kind: "attestation", predicateType: PREDICATE_TYPES.cyclonedx, checkClaims: true } as const;
  const verdict = await verifyImage(ctx, image, image.digest, { wanted, trust, storage: "both" });
  const [proven] = verdict.claims;
  if (proven === undefined) throw new WaybillError("INTERNAL", "the image has no SBOM to edit");
  return proven;
};

/** Renames the last component that a document names, in place: the smallest lie that matters. */
const renameComponent = (payload: Uint8Array): { readonly payload: Uint8Array; readonly name: string } => {
  const text = Buffer.from(payload).toString();
  const found = [...text.matchAll(/"name":"([^"\\]{2,80})","version"/g)].at(-1);
  if (found === undefined) throw new WaybillError("INTERNAL", "the SBOM names no component to edit");
  const name = found[1] ?? "";
  const edited = `${text.slice(0, found.index)}"name":"${"x".repeat(name.length)}","version"${text.slice(found.index + found[0].length)}`;
  return { payload: Buffer.from(edited), name };
};
