import type { StagedImage } from "#app/issueJob.ts";
import type { Candidate } from "#claims/claim.ts";
import type { LogLevel } from "#core/ctx.ts";
import type { ErrorCode } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { Build, BuildImage } from "#records/build.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";

/** An error on its way between threads. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** What it says that it comes of, where that tells whether trying again helps. */
  readonly cause: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** One copy of a paper that was read back and judged. */
export interface Verification {
  /** The form that it came in. */
  readonly kind: Candidate["kind"];
  /** Why it was refused; undefined: it holds. */
  readonly refusal: RefusalCode | undefined;
  readonly seconds: number;
}

/** What the issuing thread is told: one job at a time. */
export type IssueRequest =
  | { readonly kind: "issue"; readonly build: Build; readonly image: BuildImage; readonly publicKey: PublicKey }
  | { readonly kind: "signed"; readonly id: number; readonly signature: Uint8Array }
  | { readonly kind: "unsigned"; readonly id: number; readonly error: SentError }
  | { readonly kind: "stop" };

/** What it answers. */
export type IssueAnswer =
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number | boolean>> | undefined;
    }
  /** The private key stays where it is; only what is to be signed travels. */
  | { readonly kind: "sign"; readonly id: number; readonly bytes: Uint8Array }
  /** `isLarge`: what the job took of memory is better given back than kept for the next. */
  | ({ readonly kind: "done"; readonly images: readonly StagedImage[] } & IssueEnd)
  | ({ readonly kind: "failed"; readonly error: SentError } & IssueEnd);

/** What there is to tell however a job ended. */
interface IssueEnd {
  readonly isLarge: boolean;
  readonly verifications: readonly Verification[];
}
