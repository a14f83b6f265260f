import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { isOver } from "#records/operation.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import type { Principal } from "#records/token.ts";
import { moveOperation } from "#app/moveOperation.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface CancelInput {
  readonly by: Principal;
  readonly id: string;
  readonly requestId: string | undefined;
  /** Done in the very write that cancels, and only with it; may be done again, as that write may. */
  readonly also?: (records: Records, operation: Operation) => Promise<void>;
}

/** Ends an operation that still waits. NOT_FOUND; OPERATION_OVER once it has begun, since papers may be written by then. */
export const cancelOperation =
  (deps: ServiceDeps) =>
  (ctx: Ctx, { by, id, requestId, also }: CancelInput): Promise<Operation> =>
    deps.store.write(ctx, async (records) => {
      const operation = await records.operations.find(by.tenant, id);
      if (operation === undefined) throw new WaybillError("NOT_FOUND", "there is no such operation");
      if (operation.state === "running") throw running(id);
      if (isOver(operation.state)) {
        throw new WaybillError("OPERATION_OVER", `the operation ${id} has ended: ${operation.state}`);
      }
      await endJob(records, id);
      const deed = { at: ctx.clock.now(), actor: by.actor, action: "issue.cancel", requestId };
      const cancelled = await moveOperation(records, operation, { state: "cancelled", reason: undefined }, deed);
      await also?.(records, cancelled);
      return cancelled;
    });

const endJob = async (records: Records, id: string): Promise<void> => {
  const job = await records.jobs.find(id);
  if (job !== undefined) await records.jobs.update({ ...job, state: "done", owner: undefined, leaseUntil: undefined });
};

const running = (id: string): WaybillError =>
  new WaybillError("OPERATION_OVER", `the operation ${id} is under way: papers may be written already`, {
    hint: "Wait until it has ended; only an operation that still waits can be cancelled.",
  });
