import type { IssuedPaper } from "#records/paper.ts";

/**
 * Whether a verified signature by one of these keys is there: the service's current one and its retired ones, each as
 * `IssuedPaper.key`. A signature by anybody else's key makes no badge.
 */
export const isSigned = (signatures: readonly IssuedPaper[], keys: readonly string[]): boolean =>
  signatures.some((paper) => paper.kind === "signature" && keys.includes(paper.key));
