import { encodeBase64 } from "#claims/base64.ts";
import type { Candidate, DsseClaim } from "#claims/claim.ts";
import { writeEnvelope } from "#claims/dsse.ts";
import { PREDICATE_TYPES, SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { sbomMediaType } from "#claims/sbomManifest.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Tenant } from "#records/build.ts";
import type { PackageList } from "#records/packageList.ts";
import type { Document, IssuedPaper } from "#records/paper.ts";
import { claimIdentity } from "#trust/claimIdentity.ts";
import { keyFingerprint } from "#trust/publicKey.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { judgeCandidate } from "#app/judgePapers.ts";
import type { CandidateAnswer } from "#app/judgePapers.ts";
import { listPackageRows } from "#app/listPackageRows.ts";
import { isProvenance, provenanceNames } from "#app/provenanceNames.ts";
import { createTally } from "#app/tallyPapers.ts";
import type { PaperTally } from "#app/tallyPapers.ts";

export interface ReadPapersInput {
  readonly tenant: Tenant;
  readonly repository: Repository;
  /** `host/repository`, canonical. */
  readonly repositoryName: string;
  readonly subject: Digest;
  /** Only what these keys said is kept. */
  readonly trust: TrustMaterial;
  readonly watch?: WatchVerification | undefined;
}

/** Does a verification, gives its answer, and may take note of both. */
export type WatchVerification = (kind: Candidate["kind"], verify: () => CandidateAnswer) => CandidateAnswer;

/** A verified claim as it is to be kept, with the bytes that are served of it. */
export interface ReadPaper {
  readonly paper: IssuedPaper;
  readonly documents: readonly Document[];
  /** Out of an SBOM; undefined for every other paper. */
  readonly packages: PackageList | undefined;
}

/** What was found of one digest. */
export interface ReadPapers extends PaperTally {
  readonly papers: readonly ReadPaper[];
}

/** One copy of a claim, of which nothing is held that is not kept: its parsed document is many times as large as its bytes. */
interface Copy extends Omit<ReadPaper, "documents"> {
  readonly predicate: Document | undefined;
  readonly envelope: Document;
  readonly bundle: Document | undefined;
}

/** Both copies of one claim, of which either may be missing. */
interface Copies {
  readonly legacy: Copy | undefined;
  readonly bundle: Copy | undefined;
}

/**
 * Everything that the given keys said about one digest in one repository, each claim once, with its exact bytes. Whatever
 * does not verify is counted; a registry that does not answer is thrown, since then nobody knows what is there.
 */
export const readIssuedPapers = async (ctx: Ctx, input: ReadPapersInput): Promise<ReadPapers> => {
  const claims = new Map<string, Copies>();
  const { add, refuse, tally } = createTally();
  const { repository, subject } = input;
  const kinds = ["signature", "attestation"] as const;
  const at = ctx.clock.now();
  for await (const batch of gatherPapers(ctx, { repository, subject, kinds, storage: "both" })) {
    for (const failure of batch.failures) {
      // Beyond the limits lies what strangers hung there; what this service wrote was read back before.
      if (!hasCode(failure, "LIMIT_EXCEEDED")) throw failure;
      refuse({ reason: failure.message, nearness: 0 });
    }
    for (const { candidate } of batch.papers) {
      const verify = (): CandidateAnswer => judge(candidate, input, new Date(at));
      const answer = input.watch === undefined ? verify() : input.watch(candidate.kind, verify);
      add(answer);
      for (const claim of answer.kind === "proven" ? answer.claims : []) addCopy(claims, claim, input, at);
    }
  }
  return { ...tally(), papers: [...claims.values()].map(joinCopies) };
};

/** A paper may be a signature or an attestation; of two refusals the nearer miss is the telling one. */
const judge = (candidate: Candidate, { trust, subject }: ReadPapersInput, at: Date): CandidateAnswer => {
  const asked = { subject, checkClaims: true } as const;
  const first = judgeCandidate(candidate, trust, { kind: "signature", annotations: {}, ...asked }, at);
  if (first.kind === "proven") return first;
  const second = judgeCandidate(candidate, trust, { kind: "attestation", predicateType: undefined, ...asked }, at);
  if (second.kind === "proven") return second;
  return second.refusal.nearness > first.refusal.nearness ? second : first;
};

const addCopy = (claims: Map<string, Copies>, claim: VerifiedClaim, input: ReadPapersInput, at: number): void => {
  const identity = claimIdentity(claim);
  const known = claims.get(identity) ?? { legacy: undefined, bundle: undefined };
  const { form } = claim.found;
  claims.set(identity, { ...known, [form]: known[form] ?? copyOf(claim, input, at) });
};

const joinCopies = ({ legacy, bundle }: Copies): ReadPaper => {
  // cosign's scripts read the legacy copy, so where it exists it speaks for the claim (as in `createJudge`).
  const { paper, packages, predicate, envelope } = (legacy ?? bundle) as Copy;
  const carrier = bundle?.bundle;
  return {
    paper: { ...paper, bundle: carrier?.digest },
    documents: [predicate, envelope, carrier].filter((one) => one !== undefined),
    packages,
  };
};

const copyOf = (claim: VerifiedClaim, input: ReadPapersInput, at: number): Copy => {
  const predicate = claim.kind === "attestation" ? predicateOf(claim) : undefined;
  const envelope = envelopeOf(claim);
  return {
    paper: {
      tenant: input.tenant,
      subject: input.subject,
      repository: input.repositoryName,
      kind: claim.kind,
      predicateType: claim.kind === "signature" ? SIGNATURE_TYPE : claim.predicateType,
      payload: digestOf(claim.payload),
      key: `sha256:${keyFingerprint(claim.signer.key)}`,
      annotations: annotationsOf(claim),
      predicate: predicate?.digest,
      envelope: envelope.digest,
      signature: claim.claim.kind === "simple-signing" ? encodeBase64(claim.claim.signature) : undefined,
      bundle: undefined,
      verifiedAt: at,
    },
    predicate,
    envelope,
    bundle: bundleOf(claim),
    packages: packagesOf(claim),
  };
};

const bundleOf = ({ claim, found }: VerifiedClaim): Document | undefined =>
  claim.kind === "dsse" && found.form === "bundle" ? documentOf(MEDIA_TYPE.bundle, claim.bytes) : undefined;

/** What a provenance names stands where a signature has it, so that its document need not be read to find it. */
const annotationsOf = ({ predicateType, annotations, document }: VerifiedClaim): Readonly<Record<string, string>> =>
  isProvenance(predicateType) && isJsonObject(document) && document["predicate"] !== undefined
    ? provenanceNames(document["predicate"])
    : { ...annotations };

const documentOf = (mediaType: string, bytes: Uint8Array): Document => ({ digest: digestOf(bytes), mediaType, bytes });

const predicateOf = ({ predicateType, predicateBytes }: VerifiedClaim): Document | undefined => {
  if (predicateBytes === undefined) return undefined;
  return documentOf(sbomMediaType(predicateType) ?? "application/json", predicateBytes);
};

const envelopeOf = ({ claim, found }: VerifiedClaim): Document => {
  if (claim.kind === "simple-signing") return documentOf(MEDIA_TYPE.simpleSigning, claim.payload);
  return documentOf(MEDIA_TYPE.dsseEnvelope, found.form === "legacy" ? claim.bytes : rewrapped(claim));
};

/** A bundle's envelope is protojson within a larger document; as a document of its own it has cosign's form. */
const rewrapped = ({ envelope }: DsseClaim): Uint8Array =>
  writeEnvelope(envelope.payloadType, envelope.payload, envelope.signatures);

const packagesOf = ({ kind, predicateType, document }: VerifiedClaim): PackageList | undefined => {
  if (kind !== "attestation" || predicateType !== PREDICATE_TYPES.cyclonedx) return undefined;
  return listPackageRows(isJsonObject(document) ? document["predicate"] : undefined);
};
