import { describe, expect, it } from "vitest";
import type { Build, Paper } from "./apiTypes.ts";
import { papersOfBuild } from "./papersOfBuild.ts";

const DIGEST = `sha256:${"5".repeat(64)}`;
const TIME = "2026-01-02T03:04:05.000Z";

const BUILD: Build = {
  app: "shop",
  build_id: "build-1",
  source: null,
  commit_sha: null,
  builder: null,
  parameters: {},
  image: { repository: "registry.example/a", digest: DIGEST, reference: `registry.example/a@${DIGEST}` },
  state: "done",
  reason: null,
  operation: null,
  created_at: TIME,
  updated_at: TIME,
};

const PAPER: Paper = {
  kind: "signature",
  predicate_type: "",
  subject: DIGEST,
  repository: "registry.example/a",
  payload: DIGEST,
  keyid: DIGEST,
  signed_by_service: true,
  annotations: {},
  predicate_url: null,
  envelope_url: null,
  bundle_url: null,
  verified_at: TIME,
};

describe("the papers of a build", () => {
  it.each<[string, Partial<Paper>]>([
    ["names no build", {}],
    ["names this build", { annotations: { build_id: "build-1", app_id: "shop", tenant_id: "default" } }],
  ])("have one that %s", (_, facts) => {
    expect(papersOfBuild([{ ...PAPER, ...facts }], BUILD)).toHaveLength(1);
  });

  it.each<[string, Partial<Paper>]>([
    ["names another build", { annotations: { build_id: "build-2", app_id: "shop" } }],
    ["names another app", { annotations: { build_id: "build-1", app_id: "billing" } }],
    ["stands in another repository", { repository: "registry.example/b" }],
    ["is about another image", { subject: `sha256:${"6".repeat(64)}` }],
  ])("have none that %s", (_, facts) => {
    expect(papersOfBuild([{ ...PAPER, ...facts }], BUILD)).toEqual([]);
  });

  it("are none before there is an image", () => {
    expect(papersOfBuild([PAPER], { ...BUILD, image: null })).toEqual([]);
  });
});
