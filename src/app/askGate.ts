import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { IssueMode } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import type { Principal } from "#records/token.ts";
import { judgeGate } from "#app/judgeGate.ts";
import type { Gate } from "#app/judgeGate.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import { waitUntil } from "#app/waitUntil.ts";
import type { Patience, Seen } from "#app/waitUntil.ts";

export interface GateDeps extends Pick<ServiceDeps, "store"> {
  /** For builds that nobody asked papers for. */
  readonly mode: IssueMode;
}

export interface GateInput {
  readonly by: Principal;
  readonly app: string;
  readonly build: string;
  /** Ids of the keys whose signatures count. */
  readonly keys: () => readonly string[];
  readonly patience: Patience;
  readonly requestId: string | undefined;
}

/**
 * Whether a pipeline may go on with a build, after a wait for its papers. That one went on without a signature, and why, is put on
 * record, once for each operation and reason (evidence.md 0, 6). NOT_FOUND for a build that the tenant does not have.
 */
export const askGate =
  (deps: GateDeps) =>
  async (ctx: Ctx, input: GateInput): Promise<Seen<Gate>> => {
    const look = (): Promise<Gate> => deps.store.read(ctx, (records) => readGate(deps, records, input));
    const seen = await waitUntil(ctx, input.patience, look, ({ settled }) => settled);
    if (seen.end === "stopped" || !seen.value.open || seen.value.reason === undefined) return seen;
    // It may have been signed since; then nothing is put on record.
    return { ...seen, value: await deps.store.write(ctx, (records) => passGate(ctx, deps, records, input)) };
  };

const readGate = async (deps: GateDeps, records: Records, { by, app, build, keys }: GateInput): Promise<Gate> => {
  const found = await records.builds.find(by.tenant, app, build);
  if (found === undefined) throw new WaybillError("NOT_FOUND", "there is no such build");
  const { operation, image } = found;
  const facts = {
    build: found,
    operation: operation === undefined ? undefined : await records.operations.find(by.tenant, operation),
    papers: image === undefined ? [] : await records.papers.list(by.tenant, image.digest),
  };
  return judgeGate(facts, keys(), deps.mode);
};

const passGate = async (ctx: Ctx, deps: GateDeps, records: Records, input: GateInput): Promise<Gate> => {
  const gate = await readGate(deps, records, input);
  const { operation, reason, image, mode, state } = gate;
  if (reason === undefined || !gate.open) return gate;
  const { by, app, build, requestId } = input;
  const place = { tenant: by.tenant, app, build, operation, at: ctx.clock.now() };
  if (!(await records.gatePasses.put({ ...place, code: reason.code }))) return gate;
  await records.audit.append({
    at: place.at,
    tenant: by.tenant,
    actor: by.actor,
    action: "gate.pass-unsigned",
    object: `apps/${app}/builds/${build}`,
    requestId,
    detail: {
      mode,
      state,
      reason: reason.code,
      why: reason.message,
      ...(operation === undefined ? {} : { operation }),
      ...(image === undefined ? {} : { image: `${image.repository}@${image.digest}` }),
    },
  });
  await records.events.append({ ...place, kind: "gate", state: "unsigned" });
  return gate;
};
