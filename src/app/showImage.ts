import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Candidate } from "#claims/claim.ts";
import { parseReference } from "#core/reference.ts";
import { PREDICATE_TYPES, SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import { claimIdentity } from "#trust/claimIdentity.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { judgeCandidate } from "#app/judgePapers.ts";
import type { CandidateAnswer } from "#app/judgePapers.ts";
import type { GatheredPaper } from "#app/locatePapers.ts";
import { readConfig } from "#app/readConfig.ts";
import { demandSha256, formatPlatform, isAttestationChild, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { isSbomType, sbomTime, timeOfSbom } from "#app/sbomTime.ts";
import type { Form } from "#app/storage.ts";

export interface ShowInput {
  readonly reference: string;
  /** Empty: nothing can be verified, and everything is shown as unverified. */
  readonly trust: TrustMaterial;
  readonly platform?: string | undefined;
}

/** One paper on the screen. What an unverified paper says of itself is only ever shown as `says`. */
export type ShownPaper =
  | {
      readonly state: "verified";
      readonly kind: "signature" | "attestation";
      readonly predicateType: string;
      readonly forms: readonly Form[];
      readonly signer: string;
      readonly keyFingerprint: string;
      readonly annotations: Readonly<Record<string, string>>;
      /** Of an SBOM, when it says it was made; empty where it does not. */
      readonly time?: string;
      /** The same signer has a newer SBOM of this type here. */
      readonly superseded?: true;
    }
  | {
      readonly state: "refused";
      readonly forms: readonly Form[];
      readonly says: string;
      readonly reason: string;
      readonly manifest: Digest;
    }
  | { readonly state: "unverified"; readonly forms: readonly Form[]; readonly says: string; readonly manifest: Digest };

export type MissingPaper = "signature" | "sbom" | "provenance";

export interface ShownImage {
  readonly reference: string;
  readonly name: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly kind: "image" | "index";
  /** Platforms: the image's own, or the index's images. */
  readonly platforms: readonly string[];
  readonly created: string | undefined;
  readonly layers: number;
  /** Bytes of all layers as stored; of an index undefined. */
  readonly size: number | undefined;
  readonly papers: readonly ShownPaper[];
  /** Undefined where something could not be read: nobody knows then. */
  readonly missing: readonly MissingPaper[] | undefined;
  /** What could not be read: the list may be incomplete. */
  readonly failures: readonly WaybillError[];
}

/** The image and all its papers: who signed, what verifies, what is missing. */
export const showImage =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: ShowInput): Promise<ShownImage> => {
    const reference = parseReference(input.reference);
    const image = await resolveImage(deps)(ctx, { reference, access: "read", platform: input.platform });
    demandSha256(image.digest);
    const shown = createShownPapers(input.trust, image.digest, new Date(ctx.clock.now()));
    const failures: WaybillError[] = [];
    for await (const batch of gatherPapers(ctx, {
      repository: image.repository,
      subject: image.digest,
      kinds: ["signature", "attestation"],
      storage: "both",
    })) {
      // Judged at once, so that only what is shown of a paper stays in memory.
      batch.papers.forEach(shown.add);
      failures.push(...batch.failures);
    }
    const papers = shown.list();
    const missing = failures.length > 0 ? undefined : missingOf(papers, image);
    return { reference: input.reference, ...(await facts(ctx, image)), papers, missing, failures };
  };

const facts = async (ctx: Ctx, image: ResolvedImage) => {
  const { manifest, digest, repository } = image;
  const base = { name: repository.name, digest, mediaType: manifest.mediaType, kind: manifest.kind };
  if (manifest.kind === "index") {
    const children = manifest.manifests.filter((child) => !isAttestationChild(child));
    const platforms = children.map(({ platform }) => formatPlatform(platform));
    return { ...base, platforms, created: undefined, layers: 0, size: undefined };
  }
  const config = await readConfig(ctx, repository, manifest);
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  return {
    ...base,
    platforms: [formatPlatform(config.platform)],
    created: config.created,
    layers: manifest.layers.length,
    size,
  };
};

const createShownPapers = (trust: TrustMaterial, subject: Digest, at: Date) => {
  const verified = new Map<string, ShownPaper & { readonly state: "verified" }>();
  const others: ShownPaper[] = [];
  const add = (paper: GatheredPaper): void => {
    const answer = trust.keys.length === 0 ? undefined : judgeEither(paper.candidate, trust, subject, at);
    if (answer === undefined) others.push(unverified(paper));
    else if (answer.kind === "proven") answer.claims.forEach((claim) => addVerified(verified, claim));
    else others.push({ ...unverified(paper), state: "refused", reason: answer.refusal.reason });
  };
  return { add, list: (): readonly ShownPaper[] => [...markSuperseded([...verified]), ...others] };
};

type Verified = ShownPaper & { readonly state: "verified" };

/** The newest by its own time counts; of the same time the greater identity, as in `divideSboms`: in it the payload is the first that differs. */
const markSuperseded = (papers: readonly (readonly [identity: string, paper: Verified])[]): readonly Verified[] => {
  const isOlder = ([id, paper]: (typeof papers)[number]): boolean =>
    papers.some(([otherId, other]) => {
      if (paper.time === undefined || other.time === undefined || other === paper) return false;
      if (other.predicateType !== paper.predicateType || other.keyFingerprint !== paper.keyFingerprint) return false;
      const [a, b] = [timeOfSbom(paper.time), timeOfSbom(other.time)];
      return a === b ? otherId > id : b > a;
    });
  return papers.map((one) => (isOlder(one) ? { ...one[1], superseded: true } : one[1]));
};

/** A paper may be a signature or an attestation; of two refusals the nearer miss is the telling one. */
const judgeEither = (candidate: Candidate, trust: TrustMaterial, subject: Digest, at: Date): CandidateAnswer => {
  const asked = { subject, checkClaims: true } as const;
  const asSignature = judgeCandidate(candidate, trust, { kind: "signature", annotations: {}, ...asked }, at);
  if (asSignature.kind === "proven" || candidate.kind !== "dsse") return asSignature;
  return judgeCandidate(candidate, trust, { kind: "attestation", predicateType: undefined, ...asked }, at);
};

const addVerified = (
  verified: Map<string, ShownPaper & { readonly state: "verified" }>,
  claim: VerifiedClaim,
): void => {
  const identity = claimIdentity(claim);
  const forms = new Set([...(verified.get(identity)?.forms ?? []), claim.found.form]);
  verified.set(identity, {
    state: "verified",
    kind: claim.kind,
    predicateType: claim.kind === "signature" ? SIGNATURE_TYPE : claim.predicateType,
    forms: [...forms].toSorted(),
    signer: claim.signer.name,
    keyFingerprint: keyFingerprint(claim.signer.key),
    annotations: claim.annotations,
    ...(isSbomType(claim.predicateType) && isJsonObject(claim.document)
      ? { time: sbomTime(claim.document["predicate"]) }
      : {}),
  });
};

const unverified = ({ candidate, hint }: GatheredPaper): ShownPaper & { readonly state: "unverified" } => ({
  state: "unverified",
  forms: [candidate.found.form],
  says: candidate.kind === "simple-signing" ? SIGNATURE_TYPE : (hint ?? "nothing"),
  manifest: candidate.found.manifest,
});

const PROVENANCE: readonly string[] = [PREDICATE_TYPES.slsaprovenance1, PREDICATE_TYPES.slsaprovenance02];
const SBOM: readonly string[] = [PREDICATE_TYPES.cyclonedx, PREDICATE_TYPES.spdxjson];

/** Only verified papers count where there is a key; without one, what the papers say they are. */
const missingOf = (papers: readonly ShownPaper[], image: ResolvedImage): readonly MissingPaper[] => {
  const types = papers.flatMap((paper) => {
    if (paper.state === "verified") return [paper.predicateType];
    return paper.state === "unverified" ? [paper.says] : [];
  });
  const lacks = (wanted: readonly string[]): boolean => !types.some((type) => wanted.includes(type));
  return [
    ...(lacks([SIGNATURE_TYPE]) ? (["signature"] as const) : []),
    // The SBOM describes one platform's content, so an index has none of its own.
    ...(image.manifest.kind === "image" && lacks(SBOM) ? (["sbom"] as const) : []),
    ...(lacks(PROVENANCE) ? (["provenance"] as const) : []),
  ];
};
