import { z } from "zod";
import { BUILD_PATH } from "#api/contract/buildRoutes.ts";
import { DIGEST, NAME, NOTHING, PAGE_QUERY, TIME, line, pageOf } from "#api/contract/fields.ts";
import { defineRoute } from "#api/contract/route.ts";

/** JSON of others, exactly as it was signed; what it says is not ours to describe. */
const FOREIGN = z.looseObject({});

export const PAPER = z.object({
  kind: z.enum(["signature", "attestation"]),
  predicate_type: z.string(),
  subject: DIGEST,
  repository: z.string(),
  payload: DIGEST.describe("SHA-256 of the signed payload: with subject and key it names the paper."),
  keyid: z.string(),
  signed_by_service: z.boolean().describe("Under a key of this service, in use or retired."),
  annotations: z.record(z.string(), z.string()),
  predicate_url: z.string().nullable(),
  envelope_url: z.string().nullable(),
  bundle_url: z.string().nullable(),
  verified_at: TIME,
});

export const PAPER_LIST = z.object({ image: z.string(), digest: DIGEST, items: z.array(PAPER) });

export const SIGNATURES = z.object({
  image: z.string(),
  digest: DIGEST,
  signatures: z.array(
    z.object({
      keyid: z.string(),
      payload: z.string().nullable().describe("base64 of the simple signing payload; null in other forms."),
      sig: z.string().nullable().describe("base64."),
      signed_at: TIME.nullable().describe("null: no trusted time proves when."),
      verified_at: TIME,
      bundle_url: z.string().nullable(),
    }),
  ),
});

export const VERIFICATIONS = z.object({
  image: z.string(),
  digest: DIGEST,
  items: z.array(
    z.object({
      kind: z.enum(["signature", "attestation"]),
      predicate_type: z.string(),
      payload: DIGEST,
      keyid: z.string(),
      result: z.enum(["verified"]),
      signed_by_service: z.boolean(),
      verified_at: TIME,
    }),
  ),
});

const BADGE_STATE = z.enum(["signed", "not signed yet", "signing", "failed", "signing unavailable", "unknown"]);

export const BADGE = z.object({
  schemaVersion: z.literal(1).describe("The badge endpoint format that badge services read."),
  label: z.literal("papers"),
  message: BADGE_STATE,
  color: z.enum(["green", "grey", "blue", "red"]),
  state: BADGE_STATE,
});

export const PACKAGE_PAGE = pageOf(
  z.object({ name: z.string(), version: z.string(), type: z.string(), purl: z.string(), licenses: z.string() }),
);

const PAPER_HEADERS = {
  ETag: "The digest of the bytes, in quotes.",
  "Content-Digest": "RFC 9530.",
  "X-Attestation-Digest": "SHA-256 of the signed payload that holds it.",
};

const ofBuild = { method: "GET", access: "read", params: BUILD_PATH, query: NOTHING, body: undefined } as const;

export const getSbom = defineRoute({
  ...ofBuild,
  id: "getSbom",
  path: "/apps/{app}/builds/{build}/sbom",
  summary: "The SBOM, byte for byte as it was attested",
  answers: {
    200: {
      description: "The predicate's exact bytes, or the DSSE envelope around them",
      content: {
        "application/vnd.cyclonedx+json": FOREIGN,
        "application/spdx+json": FOREIGN,
        "application/json": FOREIGN,
        "application/vnd.in-toto+json": FOREIGN,
      },
      headers: PAPER_HEADERS,
    },
  },
  errors: ["SBOM_NOT_PRODUCED"],
});

export const getProvenance = defineRoute({
  ...ofBuild,
  id: "getProvenance",
  path: "/apps/{app}/builds/{build}/provenance",
  summary: "The SLSA provenance, byte for byte as it was attested",
  answers: {
    200: {
      description: "The predicate's exact bytes, or the DSSE envelope around them",
      content: { "application/json": FOREIGN, "application/vnd.in-toto+json": FOREIGN },
      headers: PAPER_HEADERS,
    },
  },
  errors: ["PROVENANCE_NOT_PRODUCED"],
});

export const getSignature = defineRoute({
  ...ofBuild,
  id: "getSignature",
  path: "/apps/{app}/builds/{build}/signature",
  summary: "The signatures of the build's image",
  answers: {
    200: {
      description: "All of them, or the first one's simple signing payload or Sigstore bundle",
      content: {
        "application/json": SIGNATURES,
        "application/vnd.dev.cosign.simplesigning.v1+json": FOREIGN,
        "application/vnd.dev.sigstore.bundle.v0.3+json": FOREIGN,
      },
    },
  },
  errors: ["SIGNATURE_NOT_PRODUCED"],
});

export const listAttestations = defineRoute({
  ...ofBuild,
  id: "listAttestations",
  path: "/apps/{app}/builds/{build}/attestations",
  summary: "The attestations about the build's image",
  answers: { 200: { description: "All of them", content: { "application/json": PAPER_LIST } } },
  errors: [],
});

export const listVerifications = defineRoute({
  ...ofBuild,
  id: "listVerifications",
  path: "/apps/{app}/builds/{build}/verifications",
  summary: "What the service verified of the build's image, and when",
  answers: { 200: { description: "All papers that verified", content: { "application/json": VERIFICATIONS } } },
  errors: [],
});

const badge = {
  ...ofBuild,
  access: "badge",
  query: z.object({
    tenant: NAME.optional().describe("Whose app; without a token `default` is meant."),
  }),
  errors: [],
} as const;

export const getBadgeSvg = defineRoute({
  ...badge,
  id: "getBadgeSvg",
  path: "/apps/{app}/builds/{build}/badge.svg",
  summary: "The build's state as a picture",
  answers: { 200: { description: "The badge", content: { "image/svg+xml": z.string() } } },
});

export const getBadgeJson = defineRoute({
  ...badge,
  id: "getBadgeJson",
  path: "/apps/{app}/builds/{build}/badge.json",
  summary: "The build's state for badge services",
  answers: {
    200: {
      description: "The badge",
      content: { "application/json": BADGE },
      example: { schemaVersion: 1, label: "papers", message: "signed", color: "green", state: "signed" },
    },
  },
});

const ofImage = { method: "GET", access: "read", params: z.object({ digest: DIGEST }), body: undefined } as const;

const LAYER = z.object({
  digest: DIGEST,
  size: z.int().min(0).describe("Bytes as stored."),
  media_type: z.string(),
  created_by: z.string().nullable().describe("The command that made it, as the image's author says it."),
  created_at: TIME.nullable(),
});

export const IMAGE_PAPERS = z.object({
  digest: DIGEST,
  media_type: z.string().nullable().describe("null: it is not known what the image consists of."),
  platform: z
    .string()
    .nullable()
    .describe("os/architecture[/variant] as the configuration says it; null for an index."),
  layers: z.array(LAYER).describe("Lowest first, at most 512; none for an index."),
  images: z
    .array(z.object({ digest: DIGEST, platform: z.string() }))
    .describe("What an index names, at most 1000; none for an image."),
  repositories: z.array(z.string()),
  builds: z.array(z.object({ app: z.string(), build_id: z.string() })).describe("At most 100, those that name it."),
  papers: z.array(PAPER),
});

export const getImage = defineRoute({
  ...ofImage,
  id: "getImage",
  path: "/images/{digest}",
  summary: "An image with its builds and papers",
  query: NOTHING,
  answers: { 200: { description: "The image", content: { "application/json": IMAGE_PAPERS } } },
  errors: [],
});

export const listPackages = defineRoute({
  ...ofImage,
  id: "listPackages",
  path: "/images/{digest}/packages",
  summary: "The packages that an image's attested SBOM names",
  query: PAGE_QUERY.extend({ q: line(200).optional().describe("Looked for in name and purl.") }),
  answers: { 200: { description: "A page of packages, by purl", content: { "application/json": PACKAGE_PAGE } } },
  errors: [],
});

export const getDocument = defineRoute({
  ...ofImage,
  id: "getDocument",
  path: "/images/{digest}/documents/{document}",
  summary: "A predicate, envelope or bundle by its digest; never changes",
  params: z.object({ digest: DIGEST, document: DIGEST }),
  query: NOTHING,
  answers: {
    200: { description: "Its exact bytes", content: { "application/json": FOREIGN }, headers: PAPER_HEADERS },
  },
  errors: [],
});
