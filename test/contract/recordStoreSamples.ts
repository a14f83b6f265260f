import { digestOf } from "#core/digest.ts";
import type { App } from "#records/app.ts";
import type { AuditEvent } from "#records/auditEntry.ts";
import type { Build } from "#records/build.ts";
import type { Job } from "#records/job.ts";
import type { LiveEventContent } from "#records/liveEvent.ts";
import type { Operation } from "#records/operation.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import type { Token } from "#records/token.ts";

// One of each kind, complete and unremarkable; a test replaces what it is about.

export const IMAGE = { repository: "registry.example/builds/my-app", digest: digestOf("an image") };

export const sampleApp = (over: Partial<App> = {}): App => ({
  tenant: "default",
  name: "my-app",
  row: "01900000-0000-7000-8000-000000000001",
  publicBadge: false,
  createdAt: 1_700_000_000_000,
  ...over,
});

export const sampleBuild = (over: Partial<Build> = {}): Build => ({
  tenant: "default",
  app: "my-app",
  id: "build-1",
  row: "row-1",
  facts: {
    source: "https://git.example/my-app",
    commitSha: "deadbeef",
    builder: "kaniko",
    parameters: { target: "release" },
  },
  image: undefined,
  state: "pending",
  reason: undefined,
  operation: undefined,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
  ...over,
});

export const sampleOperation = (over: Partial<Operation> = {}): Operation => ({
  id: "operation-1",
  tenant: "default",
  app: "my-app",
  build: "build-1",
  image: IMAGE,
  mode: "gate",
  state: "pending",
  attempts: 0,
  reason: undefined,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
  ...over,
});

export const sampleJob = (over: Partial<Job> = {}): Job => ({
  id: "job-1",
  tenant: "default",
  kind: "issue",
  object: "operation-1",
  state: "queued",
  attempts: 0,
  runAt: 1000,
  owner: undefined,
  leaseUntil: undefined,
  reason: undefined,
  createdAt: 1000,
  ...over,
});

export const samplePaper = (over: Partial<IssuedPaper> = {}): IssuedPaper => ({
  tenant: "default",
  subject: IMAGE.digest,
  repository: IMAGE.repository,
  kind: "signature",
  predicateType: "https://sigstore.dev/cosign/sign/v1",
  payload: digestOf("a payload"),
  key: digestOf("a key"),
  annotations: { build_id: "build-1" },
  predicate: undefined,
  envelope: undefined,
  signature: "MEUCIQ==",
  bundle: undefined,
  verifiedAt: 1_700_000_000_000,
  ...over,
});

export const sampleShape = (over: Partial<ImageShape> = {}): ImageShape => ({
  tenant: "default",
  digest: IMAGE.digest,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  platform: "linux/arm64/v8",
  layers: [
    {
      digest: digestOf("lower"),
      size: 30_000_000,
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      createdBy: "COPY . /app # buildkit",
      createdAt: 1_700_000_000_000,
    },
    {
      digest: digestOf("upper"),
      size: 5_000_000_000,
      mediaType: "text/<b>",
      createdBy: undefined,
      createdAt: undefined,
    },
  ],
  images: [],
  ...over,
});

export const sampleToken = (over: Partial<Token> = {}): Token => ({
  id: "token-1",
  tenant: "default",
  name: "ci",
  role: "builder",
  hash: "0a".repeat(32),
  createdAt: 1000,
  expiresAt: 2000,
  revokedAt: undefined,
  ...over,
});

export const sampleKey = (over: Partial<ServiceKey> = {}): ServiceKey => ({
  id: `sha256:${"ab".repeat(32)}`,
  pem: "-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n",
  algorithm: "ecdsa-p256",
  state: "current",
  firstSeenAt: 1000,
  retiredAt: undefined,
  ...over,
});

export const sampleEvent = (over: Partial<AuditEvent> = {}): AuditEvent => ({
  at: 1000,
  tenant: "default",
  actor: "token:ci",
  action: "build.register",
  object: "apps/my-app/builds/build-1",
  requestId: "request-1",
  detail: { source: "https://git.example/my-app" },
  ...over,
});

export const sampleLiveEvent = (over: Partial<LiveEventContent> = {}): LiveEventContent => ({
  at: 1000,
  tenant: "default",
  kind: "build",
  app: "my-app",
  build: "build-1",
  operation: undefined,
  state: "pending",
  ...over,
});
