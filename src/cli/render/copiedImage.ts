import type { CopiedImage, CopyLine } from "#app/copyImages.ts";
import type { CopiedPaper } from "#app/copiedPaper.ts";
import { formatBytes } from "#cli/formatBytes.ts";

/** The JSON contract of `copy`, `save` and `load`: one object per image. */
export const copiedJson = (line: CopyLine, copied: CopiedImage): object => ({
  source: line.from,
  target: line.to,
  image: copied.image,
  digest: copied.digest,
  ...(copied.tag === undefined ? {} : { tag: copied.tag }),
  ...(copied.pickedFrom === undefined ? {} : { pickedFrom: copied.pickedFrom }),
  blobs: copied.tally,
  papers: copied.papers,
  failed: copied.failed.map(({ subject, paper, error }) => ({
    subject,
    paper,
    code: error.code,
    message: error.message,
  })),
});

/** For people: what went over, which papers, and what the digest is where only a part was asked for. */
export const copiedLines = (copied: CopiedImage, dryRun: boolean): readonly string[] => [
  ...(copied.pickedFrom === undefined
    ? []
    : [`one platform of the index ${copied.pickedFrom}, whose own digest and papers stay behind`]),
  describeBlobs(copied, dryRun),
  describePapers(copied.papers, dryRun),
  ...(copied.failed.length > 0 && copied.tag === undefined
    ? [`${copied.failed.length} could not be copied: no tag was written`]
    : []),
];

const describeBlobs = ({ tally }: CopiedImage, dryRun: boolean): string => {
  const { copied, copiedBytes, mounted, present } = tally;
  const done = `${dryRun ? "would copy" : "copied"} ${counted(copied, "blob")} (${formatBytes(copiedBytes)})`;
  return [done, ...(mounted > 0 ? [`${mounted} mounted`] : []), `${present} already there`].join(", ");
};

const describePapers = (papers: readonly CopiedPaper[], dryRun: boolean): string => {
  if (papers.length === 0) return "papers: none";
  const states = ["copied", "merged", "present"] as const;
  const words = { copied: dryRun ? "would be copied" : "copied", merged: "merged", present: "already there" };
  const parts = states.flatMap((state) => {
    const count = papers.filter((paper) => paper.state === state).length;
    return count === 0 ? [] : [`${count} ${words[state]}`];
  });
  return `papers: ${parts.join(", ")}`;
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
