import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { findBase } from "#sbom/findBase.ts";

const [a, b, c] = [digestOf("a"), digestOf("b"), digestOf("c")];
const none = { annotations: {}, labels: {}, diffIds: [a, b, c] };
const lifecycle = (runImage: unknown): Readonly<Record<string, string>> => ({
  "io.buildpacks.lifecycle.metadata": JSON.stringify({ runImage }),
});

describe("findBase", () => {
  it("reads the top layer of a buildpacks run image", () => {
    const labels = lifecycle({ image: "r.e.org/run:base", topLayer: b, reference: `r.e.org/run@${c}` });
    expect(findBase({ ...none, labels })).toEqual({
      source: "buildpacks",
      name: "r.e.org/run:base",
      digest: c,
      layers: 2,
    });
  });

  it("takes names and digests of annotations and labels, which say nothing of layers", () => {
    const annotations = {
      "org.opencontainers.image.base.name": "r.e.org/x:1",
      "org.opencontainers.image.base.digest": a,
    };
    const base = { source: "annotations", name: "r.e.org/x:1", digest: a, layers: undefined };
    expect(findBase({ ...none, annotations })).toEqual(base);
    expect(findBase({ ...none, labels: annotations })).toEqual(base);
  });

  it.each([
    lifecycle({ topLayer: digestOf("elsewhere") }),
    lifecycle({}),
    lifecycle(7),
    { "io.buildpacks.lifecycle.metadata": "{" },
    { "org.opencontainers.image.base.name": "", "org.opencontainers.image.base.digest": "sha256:1" },
    { "org.opencontainers.image.base.name": "x".repeat(501) },
  ])("knows nothing by %j", (labels) => expect(findBase({ ...none, labels })).toBeUndefined());
});
