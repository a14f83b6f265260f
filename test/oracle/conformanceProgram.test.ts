import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapLimited } from "#core/limit.ts";
import { conformanceMissing, readConformanceCases } from "./conformanceCases.ts";
import type { ConformanceCase } from "./conformanceCases.ts";
import { ARTIFACT_KINDS, judgeQuestion, questionOf, sha256 } from "./judgeQuestion.ts";
import type { Artifact } from "./judgeQuestion.ts";

const PROGRAM = resolve("dist/main.js");
// 140 processes on a busy machine.
const TIMEOUT = 300_000;
// Both cores, and somebody to take over while a process starts.
const AT_ONCE = 3;

/** The suite's client protocol, its arguments in the suite's own order. */
const argumentsOf = ({ files, artifact, ...one }: ConformanceCase, kind: Artifact["kind"]): readonly string[] => [
  "conformance",
  "verify-bundle",
  "--bundle",
  files.bundle,
  ...(files.key === undefined
    ? ["--certificate-identity", one.identity, "--certificate-oidc-issuer", one.issuer]
    : ["--key", files.key]),
  ...(files.trustedRoot === undefined ? [] : ["--trusted-root", files.trustedRoot]),
  kind === "bytes" ? files.artifact : `sha256:${sha256(artifact).toString("hex")}`,
];

/** Where nobody may be asked, the embedded root stands for the production one. */
const run = (args: readonly string[], home: string): Promise<number> =>
  new Promise((done) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, WAYBILL_OFFLINE: "true" };
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error) => done(error === null ? 0 : Number(error.code)));
  });

const exitCodeOf = (answer: string): number => {
  if (answer === "accept") return 0;
  return answer.startsWith("TRUST_INVALID") ? 8 : 1;
};

describe.skipIf(conformanceMissing)("the conformance suite on the built program", () => {
  let home = "";
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "waybill-conformance-"));
  });
  afterAll(() => rm(home, { recursive: true }));

  it(
    "answers 140 of 140 runs as the suite wants it, and as without the program around it",
    { timeout: TIMEOUT },
    async () => {
      const runs = readConformanceCases().flatMap((one) => ARTIFACT_KINDS.map((kind) => ({ one, kind })));
      const answers = await mapLimited(runs, AT_ONCE, async ({ one, kind }) => {
        const code = await run(argumentsOf(one, kind), home);
        const isRight = (code === 0) === one.accept && code === exitCodeOf(judgeQuestion(questionOf(one, kind)));
        return { run: `${one.name} ${kind} ended with ${code}`, isRight };
      });
      expect(answers.filter(({ isRight }) => !isRight).map((answer) => answer.run)).toEqual([]);
      expect(answers.length).toBe(140);
    },
  );

  it("never accepts by the staging instance what it cannot ask for its root", async () => {
    const [one] = readConformanceCases().filter(({ name }) => name === "happy-path-v0.3");
    const args = one === undefined ? [] : argumentsOf(one, "bytes");
    const [command = "", verb = "", ...rest] = args;
    expect(await run([command, verb, "--staging", ...rest], home)).toBe(8);
  });
});
