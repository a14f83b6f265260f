import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Build, Paper } from "./apiTypes.ts";
import { checkCommands, firstCommands, quote, rerunCommand } from "./commands.ts";
import { SAMPLE_BUILD, SAMPLE_DIGEST as DIGEST, SAMPLE_PAPER } from "./sampleBuild.ts";

const ORIGIN = "http://127.0.0.1:8600";
const PLACE = { origin: ORIGIN, retired: undefined };

const buildOf = (repository: string): Build => ({
  ...SAMPLE_BUILD,
  image: { repository, digest: DIGEST, reference: `${repository}@${DIGEST}` },
});

const paperOf = (predicateType: string): Paper => ({
  ...SAMPLE_PAPER,
  kind: "attestation",
  predicate_type: predicateType,
});

describe("commands that repeat a check", () => {
  const all = checkCommands(
    buildOf("registry.example/a"),
    [paperOf("https://cyclonedx.org/bom"), paperOf("https://slsa.dev/provenance/v1")],
    PLACE,
  );

  it("are cosign's and waybill's, for each paper", () => {
    expect(all.map(({ text }) => text)).toEqual([
      `curl -fsSo cosign.pub ${ORIGIN}/v1/cosign.pub`,
      `cosign verify --key cosign.pub --insecure-ignore-tlog=true registry.example/a@${DIGEST}`,
      `cosign verify-attestation --key cosign.pub --type cyclonedx --insecure-ignore-tlog=true registry.example/a@${DIGEST}`,
      `cosign verify-attestation --key cosign.pub --type slsaprovenance1 --insecure-ignore-tlog=true registry.example/a@${DIGEST}`,
      `waybill verify --key cosign.pub registry.example/a@${DIGEST}`,
      `waybill verify-attestation --key cosign.pub --type cyclonedx registry.example/a@${DIGEST}`,
      `waybill show --key cosign.pub registry.example/a@${DIGEST}`,
    ]);
  });

  it("leave out papers that are not there", () => {
    expect(checkCommands(buildOf("registry.example/a"), [], PLACE).map(({ text }) => text.split(" ")[1])).toEqual([
      "-fsSo",
      "verify",
      "verify",
      "show",
    ]);
    expect(checkCommands({ ...buildOf("a"), image: null }, [], PLACE)).toEqual([]);
  });

  it("fetch the key that signed, where the service has retired it", () => {
    const [first] = checkCommands(buildOf("a"), [], { origin: ORIGIN, retired: DIGEST });
    expect(first?.text).toBe(`curl -fsSo cosign.pub '${ORIGIN}/v1/cosign.pub?kid=${DIGEST}'`);
  });

  it("never run what stands in a name", () => {
    const texts = checkCommands(buildOf("a; rm -rf ~ #$(id)`id`'"), [], PLACE).map(({ text }) => text);
    expect(texts[1]).toContain(`'a; rm -rf ~ #$(id)\`id\`'\\''@${DIGEST}'`);
  });
});

describe("commands that ask for something", () => {
  it("take the token from the environment, so that it is in no history", () => {
    for (const { text } of [...firstCommands(ORIGIN), rerunCommand(buildOf("a"), ORIGIN)]) {
      expect(text).toContain(`"Authorization: Bearer $WAYBILL_TOKEN"`);
    }
  });
});

describe("a quoted word", () => {
  it("is read back by a shell as it was", () => {
    const words = fc.sample(
      fc.string({ unit: "grapheme" }).filter((word) => !/[\0\ud800-\udfff]/.test(word)),
      { numRuns: 100, seed: 4 },
    );
    const script = words.map((word) => `printf '%s\\0' ${quote(word)}`).join("\n");
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1)).toEqual(words);
  });
});
