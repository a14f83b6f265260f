import type { Build, BuildImage, BuildState, Reason } from "#records/build.ts";
import { isOver } from "#records/operation.ts";
import type { IssueMode, Operation } from "#records/operation.ts";
import type { IssuedPaper } from "#records/paper.ts";
import { isPaperOfBuild } from "#app/isPaperOfBuild.ts";
import { isSigned } from "#app/isSigned.ts";

/** What is known of a build, at one moment. */
export interface GateFacts {
  readonly build: Build;
  /** The build's latest; undefined where nobody asked for papers. */
  readonly operation: Operation | undefined;
  /** Of the build's image. */
  readonly papers: readonly IssuedPaper[];
}

/** Whether a pipeline may go on with a build's image. */
export interface Gate {
  readonly open: boolean;
  readonly state: BuildState;
  readonly mode: IssueMode;
  readonly image: BuildImage | undefined;
  readonly operation: string | undefined;
  /** Why the image is not signed; undefined where it is. */
  readonly reason: Reason | undefined;
  /** Nothing changes any more unless somebody asks for it. */
  readonly settled: boolean;
}

/**
 * Signed, as the badge has it: the service itself verified a signature under one of `keys`. Open where it is signed or the mode is
 * best effort; who switched issuing off, or cancelled it, has not signed either, and opens no gate (builders.md 8.3, 21).
 */
export const judgeGate = (facts: GateFacts, keys: readonly string[], fallback: IssueMode): Gate => {
  const { build, operation, papers } = facts;
  const mode = operation?.mode ?? fallback;
  const own = papers.filter((paper) => isPaperOfBuild(paper, build));
  const signed = isSigned(own, keys);
  return {
    open: signed || mode === "best-effort",
    state: build.state,
    mode,
    image: build.image,
    operation: operation?.id,
    reason: signed ? undefined : whyNot(operation),
    settled: signed || (operation !== undefined && isOver(operation.state)),
  };
};

const WORDS: Readonly<Record<Operation["state"], string>> = {
  pending: "its papers wait for their turn",
  running: "its papers are being made",
  signing_unavailable: "the service cannot sign",
  done: "papers were made, and the service knows of no signature under its keys",
  failed: "its papers could not be made",
  skipped: "issuing is switched off",
  cancelled: "the operation was cancelled",
};

const whyNot = (operation: Operation | undefined): Reason => {
  if (operation?.reason !== undefined) return operation.reason;
  const message = operation === undefined ? "nobody asked for its papers" : WORDS[operation.state];
  return { code: "SIGNATURE_NOT_PRODUCED", message };
};
