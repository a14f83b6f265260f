import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlaneStore } from "#cli/deps.ts";
import { WaybillError } from "#core/errors.ts";
import { newSecret } from "#main/newSecret.ts";
import { uuidv7 } from "#main/uuidv7.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";

/** The file that holds a control plane's memory. */
export const storeFile = (data: string): string => join(data, "waybill.db");

/** Opens the memory of a control plane that was started before. NOT_FOUND where none was. */
export const openControlPlaneStore = async (data: string): Promise<ControlPlaneStore> => {
  const file = storeFile(data);
  if ((await stat(file).catch(() => undefined)) === undefined)
    throw new WaybillError("NOT_FOUND", `${file} does not exist`, {
      hint: "Give the --data directory of a control plane; waybill serve makes one.",
    });
  const store = await openSqliteStore({ file });
  return {
    store,
    newId: uuidv7,
    newSecret,
    check: async (ctx) => (await store.check(ctx)).problems,
    close: store.close,
  };
};
