import type { LegacySuffix } from "#claims/legacyImage.ts";
import type { Digest } from "#core/digest.ts";

/** What a paper is, as far as its carrier says; `other` is whatever else refers to the image. */
export type CopiedKind = LegacySuffix | "other";

export interface CopiedPaper {
  /** What it is about. */
  readonly subject: Digest;
  readonly form: "referrer" | "tag";
  readonly kind: CopiedKind;
  /** Of the paper's manifest at the source. */
  readonly digest: Digest;
  readonly tag?: string;
  readonly artifactType?: string;
  /** `merged`: added to what the target had under the tag. Of a dry run: what would be. */
  readonly state: "copied" | "merged" | "present";
}
