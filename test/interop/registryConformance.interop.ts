import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import { run } from "./run.ts";
import type { Outcome } from "./run.ts";
import { openWorkspace } from "./workspace.ts";

// The conformance program of the OCI distribution-spec itself, with everything on that it has on by default.

const PROGRAM = join(process.cwd(), "../shared/tools/oci-conformance");
const workspace = openWorkspace();

afterAll(() => workspace[Symbol.dispose]());

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly disabled: number;
}

/** What the first suite of junit.xml counts; what it does not name is none. */
const readCounts = (results: string): Counts => {
  const xml = readFileSync(join(results, "junit.xml"), "utf8");
  const [suite = ""] = /<testsuite [^>]*>/.exec(xml) ?? [];
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  return {
    tests: count("tests"),
    failures: count("failures"),
    errors: count("errors"),
    skipped: count("skipped"),
    disabled: count("disabled"),
  };
};

const runConformance = async (
  results: string,
  settings: Readonly<Record<string, string>>,
): Promise<Outcome & Counts> => {
  const env = { ...workspace.env, OCI_RESULTS_DIR: results, ...settings };
  const outcome = await run(PROGRAM, [], { env, timeoutMs: 240_000 });
  return { ...outcome, ...readCounts(results) };
};

describe("the distribution-spec's conformance program", () => {
  it("finds nothing wrong", async () => {
    await using registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("plain") });
    const settings = { OCI_REGISTRY: registry.host, OCI_TLS: "disabled" };
    const found = await runConformance(workspace.path("results-plain"), settings);
    expect(found.stdout + found.stderr).not.toMatch(/: (FAIL|Error)/);
    expect(found).toMatchObject({ code: 0, failures: 0, errors: 0, skipped: 0 });
    expect(found.tests).toBeGreaterThanOrEqual(840);
  });
});
