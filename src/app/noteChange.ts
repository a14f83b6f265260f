import type { Build } from "#records/build.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";

/** Who did what, for the audit log. */
export interface Deed {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As `AuditEvent.actor`. */
  readonly actor: string;
  /** Such as `build.register`. */
  readonly action: string;
  readonly requestId: string | undefined;
}

/** What changed, as it is now; at least one of the two. */
export interface Changed {
  readonly build?: Build | undefined;
  readonly operation?: Operation | undefined;
}

/** Writes one audit entry, and a live event for each thing that changed; within the write that changes them. */
export const noteChange = async (records: Records, deed: Deed, { build, operation }: Changed): Promise<void> => {
  const tenant = operation?.tenant ?? build?.tenant ?? "";
  const app = operation?.app ?? build?.app ?? "";
  const name = operation?.build ?? build?.id ?? "";
  const object = `apps/${app}/builds/${name}`;
  await records.audit.append({ ...deed, tenant, object, detail: detailOf(build, operation) });
  const place = { at: deed.at, tenant, app, build: name };
  if (build !== undefined) {
    await records.events.append({ ...place, kind: "build", operation: build.operation, state: build.state });
  }
  if (operation !== undefined) {
    await records.events.append({ ...place, kind: "operation", operation: operation.id, state: operation.state });
  }
};

const detailOf = (build: Build | undefined, operation: Operation | undefined): Readonly<Record<string, string>> => {
  if (operation === undefined) return { state: build?.state ?? "" };
  const { id, mode, state, reason, image } = operation;
  return {
    operation: id,
    mode,
    state,
    image: `${image.repository}@${image.digest}`,
    ...(reason === undefined ? {} : { reason: reason.code }),
  };
};
