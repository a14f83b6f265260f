import type { Build, BuildState, Reason } from "#records/build.ts";
import type { Operation, OperationState } from "#records/operation.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { Records } from "#records/recordStore.ts";
import { noteChange } from "#app/noteChange.ts";
import type { Deed } from "#app/noteChange.ts";
import { isPaperOfBuild } from "#app/isPaperOfBuild.ts";

export interface Move {
  readonly state: OperationState;
  readonly reason: Reason | undefined;
  /** How often it was begun; undefined: as before. */
  readonly attempts?: number;
}

/** Moves an operation and, where it is the build's latest, the build with it, and notes both. */
export const moveOperation = async (
  records: Records,
  operation: Operation,
  move: Move,
  deed: Deed,
): Promise<Operation> => {
  const moved: Operation = { ...operation, ...move, updatedAt: deed.at };
  await records.operations.update(moved);
  const build = await records.builds.find(operation.tenant, operation.app, operation.build);
  const follows = build?.operation === operation.id ? build : undefined;
  if (follows === undefined) {
    await noteChange(records, deed, { operation: moved });
    return moved;
  }
  const state = await stateOfBuild(records, follows, move.state);
  const after: Build = { ...follows, state, reason: state === "done" ? undefined : move.reason, updatedAt: deed.at };
  await records.builds.update(after);
  await noteChange(records, deed, { operation: moved, build: after });
  return moved;
};

/** An operation that ended without doing anything takes nothing from what an earlier one has done. */
const stateOfBuild = async (records: Records, build: Build, state: OperationState): Promise<BuildState> => {
  if (state !== "cancelled" && state !== "skipped") return state;
  const papers = build.image === undefined ? [] : await records.papers.list(build.tenant, build.image.digest);
  const signed = papers.some((paper: IssuedPaper) => paper.kind === "signature" && isPaperOfBuild(paper, build));
  return signed ? "done" : "skipped";
};
