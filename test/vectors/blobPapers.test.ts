import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { BlobPaper } from "#app/blobPapers.ts";
import { blobsExitCode, verifyBlobs } from "#app/verifyBlobs.ts";
import { localBlobFiles } from "#main/blobFiles.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { papersMissing, papersPath, readPaperKey } from "./paperLayout.ts";

interface BlobCase {
  readonly name: string;
  readonly action: string;
  readonly key: string;
  readonly file: string;
  readonly bundle?: string;
  readonly signature?: string;
  readonly expect: "accept" | "refuse";
  readonly why: string;
  readonly exits?: readonly number[];
}

const readCases = (): readonly BlobCase[] =>
  papersMissing
    ? []
    : (JSON.parse(readFileSync(papersPath("cases.json"), "utf8")) as { cases: BlobCase[] }).cases.filter(
        ({ action }) => action === "verify-blob",
      );

const papersOf = ({ bundle, signature }: BlobCase): readonly BlobPaper[] => [
  ...(bundle === undefined ? [] : [{ form: "bundle", source: papersPath(bundle) } as const]),
  ...(signature === undefined ? [] : [{ form: "bare", source: papersPath(signature) } as const]),
];

const files = localBlobFiles(() => {
  throw new TypeError("no vector is stdin");
});

describe.skipIf(papersMissing)("signed files made by cosign, good and bent", () => {
  const cases = readCases();

  it("are all there", () => {
    expect(cases.length).toBeGreaterThanOrEqual(29);
  });

  it.each(cases)("$name: $expect, $why", async (one) => {
    const blobs = [{ blob: papersPath(one.file), papers: papersOf(one) }];
    const input = {
      blobs,
      wanted: { kind: "signature", hash: undefined },
      trust: readPaperKey(one.key),
      demand: { kind: "every" },
      maxWorkers: 1,
    } as const;
    const code = blobsExitCode(await verifyBlobs({ files })(testCtx(), input));
    expect(one.expect === "accept" ? [0] : (one.exits ?? [1])).toContain(code);
  });
});
