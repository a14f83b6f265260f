import type { IndexFile } from "#app/listIndex.ts";
import { printable } from "#cli/printable.ts";

/** What became of one image of an index: its file, what is in it, and what a builder put beside it. */
export const indexFileLines = ({ name, image, packages, attestations }: IndexFile): readonly string[] => {
  const content = packages === undefined ? "the index" : `${packages} ${packages === 1 ? "package" : "packages"}`;
  return [
    `wrote ${name}: ${content}, ${image.digest}`,
    ...attestations.map(({ predicateType, statement }) =>
      printable(`  the builder attests ${predicateType ?? "something"}, not verified: ${statement}`),
    ),
  ];
};
