import { describe, expect, it } from "vitest";
import type { Paper } from "./apiTypes.ts";
import { papersOfBuild } from "./papersOfBuild.ts";
import { SAMPLE_BUILD, SAMPLE_PAPER } from "./sampleBuild.ts";

describe("the papers of a build", () => {
  it.each<[string, Partial<Paper>]>([
    ["names no build", {}],
    ["names this build", { annotations: { build_id: "build-1", app_id: "shop", tenant_id: "default" } }],
  ])("have one that %s", (_, facts) => {
    expect(papersOfBuild([{ ...SAMPLE_PAPER, ...facts }], SAMPLE_BUILD)).toHaveLength(1);
  });

  it.each<[string, Partial<Paper>]>([
    ["names another build", { annotations: { build_id: "build-2", app_id: "shop" } }],
    ["names another app", { annotations: { build_id: "build-1", app_id: "billing" } }],
    ["stands in another repository", { repository: "registry.example/b" }],
    ["is about another image", { subject: `sha256:${"6".repeat(64)}` }],
  ])("have none that %s", (_, facts) => {
    expect(papersOfBuild([{ ...SAMPLE_PAPER, ...facts }], SAMPLE_BUILD)).toEqual([]);
  });

  it("are none before there is an image", () => {
    expect(papersOfBuild([SAMPLE_PAPER], { ...SAMPLE_BUILD, image: null })).toEqual([]);
  });
});
