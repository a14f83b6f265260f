import type { PaperTree, TreeCopy, TreeImage, TreePaper } from "#app/paperTree.ts";
import type { Paint } from "#cli/paint.ts";
import { printable } from "#cli/printable.ts";
import { paperName } from "#cli/render/paperName.ts";

/** A line and what stands below it. */
interface Branch {
  readonly lines: readonly string[];
  readonly below: readonly Branch[];
}

/** `tree` for people. Whatever a stranger wrote is made harmless. */
export const treeLines = ({ reference, tree, failures }: PaperTree, paint: Paint): readonly string[] => {
  const { below } = imageBranch(tree, paint);
  return [
    paint("bold", printable(reference)),
    imageLine(tree),
    ...below.flatMap((branch, at) => drawn(branch, at === below.length - 1)),
    ...(below.length > 0
      ? []
      : [failures.length > 0 ? "nothing that could be read hangs on it" : "nothing hangs on it"]),
  ];
};

const drawn = ({ lines: [first = "", ...more], below }: Branch, last: boolean): readonly string[] => {
  const indent = last ? "    " : "│   ";
  return [
    `${last ? "└── " : "├── "}${first}`,
    ...more.map((line) => `${indent}${below.length > 0 ? "│ " : "  "}${line}`),
    ...below.flatMap((branch, at) => drawn(branch, at === below.length - 1).map((line) => `${indent}${line}`)),
  ];
};

const imageBranch = (image: TreeImage, paint: Paint): Branch => ({
  lines: [imageLine(image)],
  below: [
    ...image.papers.map((paper) => paperBranch(paper, paint)),
    ...image.images.map((child) => imageBranch(child, paint)),
  ],
});

const imageLine = ({ kind, platform, digest, repeated }: TreeImage): string =>
  printable(
    `${kind}${platform === undefined ? "" : ` ${platform}`} ${digest}${repeated === true ? ", shown above" : ""}`,
  );

const paperBranch = (paper: TreePaper, paint: Paint): Branch => ({
  lines: [
    printable(titleOf(paper)),
    ...(paper.trouble === undefined ? [] : [paint("red", printable(paper.trouble))]),
    ...Object.entries(paper.annotations ?? {}).map(([name, value]) => printable(`${name}=${value}`)),
    ...paper.copies.map((copy) => paint("dim", printable(placeOf(copy)))),
  ],
  below: paper.papers.map((nested) => paperBranch(nested, paint)),
});

const titleOf = ({ kind, type }: TreePaper): string => {
  const name = paperName(type);
  const named = name === type || kind === "signature" ? name : `${name} (${type})`;
  if (kind === "unreadable") return `unreadable${type === "" ? "" : `, says it is: ${named}`}`;
  if (kind === "sbom") return `attached SBOM, unsigned (${type})`;
  if (kind === "build") return `${named}, left by BuildKit, unsigned`;
  if (kind === "other") return `referrer${type === "" ? "" : `: ${named}`}`;
  return named;
};

const placeOf = ({ form, manifest, tag, layer }: TreeCopy): string => {
  const at = layer === undefined ? "" : `, layer ${layer}`;
  if (form === "legacy") return `legacy    ${tag ?? manifest}${at}`;
  return `${form.padEnd(9)} ${manifest}${at}`;
};
