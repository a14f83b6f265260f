import { stat } from "node:fs/promises";
import type { StorePlace } from "#cli/dataFlag.ts";
import type { ControlPlaneStore } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { newSecret } from "#main/newSecret.ts";
import { openStore, storeFile } from "#main/openStore.ts";
import { uuidv7 } from "#main/uuidv7.ts";

/**
 * Opens the memory of a control plane beside it. NOT_FOUND where a file is to hold it and is not there, unless `absent` says to
 * make it.
 */
export const openControlPlaneStore = async (
  ctx: Ctx,
  place: StorePlace,
  absent?: "create",
): Promise<ControlPlaneStore> => {
  if (absent === undefined && place.store?.startsWith("postgres") !== true) await demandFile(storeFile(place));
  const store = await openStore(ctx, place);
  return {
    store,
    newId: uuidv7,
    newSecret,
    check: async (inner) => (await store.check(inner)).problems,
    close: store.close,
  };
};

const demandFile = async (file: string): Promise<void> => {
  if ((await stat(file).catch(() => undefined)) !== undefined) return;
  throw new WaybillError("NOT_FOUND", `${file} does not exist`, {
    hint: "Give the --data directory of a control plane; waybill serve makes one.",
  });
};
