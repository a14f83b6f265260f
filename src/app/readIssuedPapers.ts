import { encodeBase64 } from "#claims/base64.ts";
import type { Candidate, DsseClaim } from "#claims/claim.ts";
import { writeEnvelope } from "#claims/dsse.ts";
import { PREDICATE_TYPES, SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Tenant } from "#records/build.ts";
import type { Document, IssuedPaper, PackageRow } from "#records/paper.ts";
import { claimIdentity } from "#trust/claimIdentity.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { judgeCandidate } from "#app/judgePapers.ts";
import { listPackageRows } from "#app/listPackageRows.ts";
import { isProvenance, provenanceNames } from "#app/provenanceNames.ts";

export interface ReadPapersInput {
  readonly tenant: Tenant;
  readonly repository: Repository;
  /** `host/repository`, canonical. */
  readonly repositoryName: string;
  readonly subject: Digest;
  /** Only what these keys said is kept. */
  readonly trust: TrustMaterial;
}

/** A verified claim as it is to be kept, with the bytes that are served of it. */
export interface ReadPaper {
  readonly paper: IssuedPaper;
  readonly documents: readonly Document[];
  /** Out of an SBOM; undefined for every other paper. */
  readonly packages: readonly PackageRow[] | undefined;
}

/** Both copies of one claim, of which either may be missing. */
interface Copies {
  readonly legacy: VerifiedClaim | undefined;
  readonly bundle: VerifiedClaim | undefined;
}

/**
 * Everything that the given keys said about one digest in one repository, each claim once, with its exact bytes. Whatever
 * does not verify is passed over; a registry that does not answer is thrown, since then nobody knows what is there.
 */
export const readIssuedPapers = async (ctx: Ctx, input: ReadPapersInput): Promise<readonly ReadPaper[]> => {
  const claims = new Map<string, Copies>();
  const { repository, subject } = input;
  const kinds = ["signature", "attestation"] as const;
  for await (const batch of gatherPapers(ctx, { repository, subject, kinds, storage: "both" })) {
    // Beyond the limits lies what strangers hung there; what this service wrote was read back before.
    const failure = batch.failures.find((one) => !hasCode(one, "LIMIT_EXCEEDED"));
    if (failure !== undefined) throw failure;
    for (const { candidate } of batch.papers) {
      for (const claim of judge(candidate, input)) addCopy(claims, claim);
    }
  }
  const at = ctx.clock.now();
  return [...claims.values()].map((copies) => readPaper(input, copies, at));
};

const judge = (candidate: Candidate, { trust, subject }: ReadPapersInput): readonly VerifiedClaim[] => {
  const asSignature = { kind: "signature", subject, annotations: {}, checkClaims: true } as const;
  const asAttestation = { kind: "attestation", subject, predicateType: undefined, checkClaims: true } as const;
  for (const requirement of [asSignature, asAttestation]) {
    const answer = judgeCandidate(candidate, trust, requirement);
    if (answer.kind === "proven") return answer.claims;
  }
  return [];
};

const addCopy = (claims: Map<string, Copies>, claim: VerifiedClaim): void => {
  const identity = claimIdentity(claim);
  const known = claims.get(identity) ?? { legacy: undefined, bundle: undefined };
  const { form } = claim.found;
  claims.set(identity, { ...known, [form]: known[form] ?? claim });
};

const readPaper = (input: ReadPapersInput, { legacy, bundle }: Copies, at: number): ReadPaper => {
  // cosign's scripts read the legacy copy, so where it exists it speaks for the claim (as in `createJudge`).
  const speaker = (legacy ?? bundle) as VerifiedClaim;
  const predicate = speaker.kind === "attestation" ? predicateOf(speaker) : undefined;
  const envelope = envelopeOf(speaker);
  const carrier = bundle?.claim.kind === "dsse" ? documentOf(MEDIA_TYPE.bundle, bundle.claim.bytes) : undefined;
  return {
    paper: {
      tenant: input.tenant,
      subject: input.subject,
      repository: input.repositoryName,
      kind: speaker.kind,
      predicateType: speaker.kind === "signature" ? SIGNATURE_TYPE : speaker.predicateType,
      payload: digestOf(speaker.payload),
      key: `sha256:${keyFingerprint(speaker.signer.key)}`,
      annotations: annotationsOf(speaker),
      predicate: predicate?.digest,
      envelope: envelope.digest,
      signature: speaker.claim.kind === "simple-signing" ? encodeBase64(speaker.claim.signature) : undefined,
      bundle: carrier?.digest,
      verifiedAt: at,
    },
    documents: [predicate, envelope, carrier].filter((one) => one !== undefined),
    packages: packagesOf(speaker),
  };
};

/** What a provenance names stands where a signature has it, so that its document need not be read to find it. */
const annotationsOf = ({ predicateType, annotations, document }: VerifiedClaim): Readonly<Record<string, string>> =>
  isProvenance(predicateType) && isJsonObject(document) && document["predicate"] !== undefined
    ? provenanceNames(document["predicate"])
    : { ...annotations };

const documentOf = (mediaType: string, bytes: Uint8Array): Document => ({ digest: digestOf(bytes), mediaType, bytes });

const PREDICATE_MEDIA: Readonly<Record<string, string>> = {
  [PREDICATE_TYPES.cyclonedx]: "application/vnd.cyclonedx+json",
  [PREDICATE_TYPES.spdxjson]: "application/spdx+json",
};

const predicateOf = ({ predicateType, predicateBytes }: VerifiedClaim): Document | undefined => {
  if (predicateBytes === undefined) return undefined;
  const known = Object.hasOwn(PREDICATE_MEDIA, predicateType) ? PREDICATE_MEDIA[predicateType] : undefined;
  return documentOf(known ?? "application/json", predicateBytes);
};

const envelopeOf = ({ claim, found }: VerifiedClaim): Document => {
  if (claim.kind === "simple-signing") return documentOf(MEDIA_TYPE.simpleSigning, claim.payload);
  return documentOf(MEDIA_TYPE.dsseEnvelope, found.form === "legacy" ? claim.bytes : rewrapped(claim));
};

/** A bundle's envelope is protojson within a larger document; as a document of its own it has cosign's form. */
const rewrapped = ({ envelope }: DsseClaim): Uint8Array =>
  writeEnvelope(envelope.payloadType, envelope.payload, envelope.signatures);

const packagesOf = ({ kind, predicateType, document }: VerifiedClaim): readonly PackageRow[] | undefined => {
  if (kind !== "attestation" || predicateType !== PREDICATE_TYPES.cyclonedx) return undefined;
  return listPackageRows(isJsonObject(document) ? document["predicate"] : undefined);
};
