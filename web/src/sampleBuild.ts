import type { Build, Paper } from "./apiTypes.ts";

// A build and a paper of its image, for tests: each changes what it is about.

export const SAMPLE_DIGEST = `sha256:${"5".repeat(64)}`;
const TIME = "2026-01-02T03:04:05.000Z";

export const SAMPLE_BUILD: Build = {
  app: "shop",
  build_id: "build-1",
  source: null,
  commit_sha: null,
  builder: null,
  parameters: {},
  image: { repository: "registry.example/a", digest: SAMPLE_DIGEST, reference: `registry.example/a@${SAMPLE_DIGEST}` },
  state: "done",
  reason: null,
  operation: null,
  created_at: TIME,
  updated_at: TIME,
};

export const SAMPLE_PAPER: Paper = {
  kind: "signature",
  predicate_type: "",
  subject: SAMPLE_DIGEST,
  repository: "registry.example/a",
  payload: SAMPLE_DIGEST,
  keyid: SAMPLE_DIGEST,
  signed_by_service: true,
  annotations: {},
  predicate_url: null,
  envelope_url: null,
  bundle_url: null,
  verified_at: TIME,
};
