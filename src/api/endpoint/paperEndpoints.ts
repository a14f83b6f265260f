import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { BuildImage } from "#records/build.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Principal } from "#records/token.ts";
import type { BuildPapers } from "#app/buildPapers.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import {
  getProvenance,
  getSbom,
  getSignature,
  listAttestations,
  listVerifications,
} from "#api/contract/paperRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { listSignatures } from "#api/listSignatures.ts";
import { negotiate } from "#api/negotiate.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { readDocument } from "#api/readDocument.ts";
import { PRIVATE, json } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";
import { viewPaper, viewTime } from "#api/views.ts";

export const paperEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(getSbom, async ({ ctx, by, params, headers }) => {
    const known = await readKnown(deps, ctx, by, params);
    const type = sbomType(known.sbom?.predicateType ?? "");
    const paper = demand(known.sbom, known, "SBOM_NOT_PRODUCED");
    return attested(deps, { ctx, paper, accept: headers.get("Accept"), types: [type, "application/json"] });
  }),
  bind(getProvenance, async ({ ctx, by, params, headers }) => {
    const known = await readKnown(deps, ctx, by, params);
    const paper = demand(known.provenance, known, "PROVENANCE_NOT_PRODUCED");
    return attested(deps, { ctx, paper, accept: headers.get("Accept"), types: ["application/json"] });
  }),
  bind(getSignature, async ({ ctx, by, params, headers }) => {
    const known = await readKnown(deps, ctx, by, params);
    demand(known.signatures[0], known, "SIGNATURE_NOT_PRODUCED");
    return signatureReply(deps, ctx, known, headers.get("Accept"));
  }),
  bind(listAttestations, async ({ ctx, by, params }) => {
    const known = await readKnown(deps, ctx, by, params);
    const papers = known.papers.filter(({ kind }) => kind === "attestation");
    const items = papers.map((paper) => viewPaper(paper, ownKeys(deps)));
    return json({ ...viewSubject(demandImage(known)), items });
  }),
  bind(listVerifications, async ({ ctx, by, params }) => {
    const known = await readKnown(deps, ctx, by, params);
    const items = known.papers.map((paper) => viewVerification(paper, ownKeys(deps)));
    return json({ ...viewSubject(demandImage(known)), items });
  }),
];

const readKnown = async (
  deps: ApiDeps,
  ctx: Ctx,
  { tenant }: Principal,
  { app, build }: { readonly app: string; readonly build: string },
): Promise<BuildPapers> => {
  const known = await deps.buildPapers(ctx, { tenant, app, build });
  if (known === undefined) throw new WaybillError("NOT_FOUND", "no such build");
  return known;
};

/** evidence.md 4.2: who looks at the status alone learns that it is not there, who reads on learns why. */
const demand = (paper: IssuedPaper | undefined, { build }: BuildPapers, code: ErrorCode): IssuedPaper => {
  if (paper !== undefined) return paper;
  throw new WaybillError(code, `it is not there; the build is ${build.state}`, { details: { state: build.state } });
};

const demandImage = ({ build }: BuildPapers): BuildImage => {
  if (build.image !== undefined) return build.image;
  const details = { state: build.state };
  throw new WaybillError("SIGNATURE_NOT_PRODUCED", "no image was named for this build yet", { details });
};

const CYCLONEDX = "application/vnd.cyclonedx+json";

const sbomType = (predicateType: string): string =>
  predicateType.includes("spdx") ? "application/spdx+json" : CYCLONEDX;

interface AttestedInput {
  readonly ctx: Ctx;
  readonly paper: IssuedPaper;
  readonly accept: string | null;
  /** Of the predicate, as alternatives. */
  readonly types: readonly string[];
}

/** The predicate's exact bytes, or the envelope that holds them. */
const attested = async (deps: ApiDeps, { ctx, paper, accept, types }: AttestedInput): Promise<Reply> => {
  const offered = paper.envelope === undefined ? types : [...types, MEDIA_TYPE.inToto];
  const mediaType = negotiate(accept, offered);
  const digest = mediaType === MEDIA_TYPE.inToto ? paper.envelope : paper.predicate;
  return documentReply(deps, { ctx, digest, mediaType, payload: paper.payload });
};

const documentReply = async (
  deps: ApiDeps,
  input: {
    readonly ctx: Ctx;
    readonly digest: Digest | undefined;
    readonly mediaType: string;
    readonly payload: Digest;
  },
): Promise<Reply> => {
  const bytes = await readDocument(deps.store, input.ctx, input.digest);
  return {
    kind: "bytes",
    content: {
      mediaType: withVersion(input.mediaType, bytes),
      bytes,
      cache: PRIVATE,
      ...(input.digest && { digest: input.digest }),
    },
    headers: { "X-Attestation-Digest": input.payload },
  };
};

// CycloneDX registers the parameter with its type. Writers put it near the top; what stands later is not looked for.
const withVersion = (mediaType: string, bytes: Uint8Array): string => {
  if (mediaType !== CYCLONEDX) return mediaType;
  const head = Buffer.from(bytes.subarray(0, 1024)).toString("latin1");
  const version = /"specVersion"\s*:\s*"(\d\.\d)"/.exec(head)?.[1];
  return version === undefined ? mediaType : `${mediaType}; version=${version}`;
};

const signatureReply = async (deps: ApiDeps, ctx: Ctx, known: BuildPapers, accept: string | null): Promise<Reply> => {
  const simple = known.signatures.find(({ signature, envelope }) => signature !== undefined && envelope !== undefined);
  const bundled = known.signatures.find(({ bundle }) => bundle !== undefined);
  const offered = [
    "application/json",
    ...(simple === undefined ? [] : [MEDIA_TYPE.simpleSigning]),
    ...(bundled === undefined ? [] : [MEDIA_TYPE.bundle]),
  ];
  const mediaType = negotiate(accept, offered);
  if (mediaType === MEDIA_TYPE.simpleSigning && simple !== undefined) {
    return documentReply(deps, { ctx, digest: simple.envelope, mediaType, payload: simple.payload });
  }
  if (mediaType === MEDIA_TYPE.bundle && bundled !== undefined) {
    return documentReply(deps, { ctx, digest: bundled.bundle, mediaType, payload: bundled.payload });
  }
  const signatures = await listSignatures(deps.store, ctx, known.signatures);
  return json({ ...viewSubject(demandImage(known)), signatures }, 200, { Vary: "Accept, Authorization" });
};

const viewSubject = ({ repository, digest }: BuildImage): { readonly image: string; readonly digest: Digest } => ({
  image: `${repository}@${digest}`,
  digest,
});

const viewVerification = (paper: IssuedPaper, own: readonly string[]): Readonly<Record<string, unknown>> => ({
  kind: paper.kind,
  predicate_type: paper.predicateType,
  payload: paper.payload,
  keyid: paper.key,
  result: "verified",
  signed_by_service: own.includes(paper.key),
  verified_at: viewTime(paper.verifiedAt),
});
