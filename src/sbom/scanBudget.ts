import { WaybillError } from "#core/errors.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** What one scan has used of its limits, over all layers. */
export interface ScanBudget {
  /** Adds to what is used; LIMIT_EXCEEDED names the limit. */
  readonly spend: (what: BudgetItem, amount: number) => void;
}

type BudgetItem = "bytes" | "entries" | "nodes" | "names" | "captured";

const NAMES: Readonly<Record<BudgetItem, string>> = {
  bytes: "inflates to more than {} bytes",
  entries: "has more than {} entries in its layers",
  nodes: "has more than {} files and directories",
  names: "has names of more than {} characters together",
  captured: "has more than {} bytes of package databases and manifests",
};

export const createScanBudget = (limits: ScanLimits): ScanBudget => {
  const left: Record<BudgetItem, number> = {
    bytes: limits.maxBytes,
    entries: limits.maxEntries,
    nodes: limits.maxEntries,
    names: limits.maxNames,
    captured: limits.maxCaptured,
  };
  const total: Readonly<Record<BudgetItem, number>> = { ...left };
  const spend = (what: BudgetItem, amount: number): void => {
    left[what] -= amount;
    if (left[what] < 0)
      throw new WaybillError("LIMIT_EXCEEDED", `the image ${NAMES[what].replace("{}", String(total[what]))}`);
  };
  return { spend };
};
