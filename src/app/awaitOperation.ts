import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { isOver } from "#records/operation.ts";
import type { Operation } from "#records/operation.ts";
import type { Principal } from "#records/token.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import { waitUntil } from "#app/waitUntil.ts";
import type { Patience } from "#app/waitUntil.ts";

export interface AwaitInput {
  readonly by: Principal;
  readonly id: string;
  readonly patience: Patience;
}

/** An operation as soon as it is over, or as it is when the wait ends. NOT_FOUND. */
export const awaitOperation =
  ({ store }: Pick<ServiceDeps, "store">) =>
  async (ctx: Ctx, { by, id, patience }: AwaitInput): Promise<Operation> => {
    const find = async (): Promise<Operation> => {
      const found = await store.read(ctx, (records) => records.operations.find(by.tenant, id));
      if (found === undefined) throw new WaybillError("NOT_FOUND", "there is no such operation");
      return found;
    };
    return (await waitUntil(ctx, patience, find, ({ state }) => isOver(state))).value;
  };
