import { WaybillError } from "#core/errors.ts";
import { NO_USAGE } from "#sbom/layerScan.ts";
import type { LayerUsage } from "#sbom/layerScan.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** What one scan has used of its limits, over all layers. */
export interface ScanBudget {
  /** Adds to what is used; LIMIT_EXCEEDED names the limit. */
  readonly spend: (what: BudgetItem, amount: number) => void;
}

type BudgetItem = keyof LayerUsage | "nodes";

const NAMES: Readonly<Record<BudgetItem, string>> = {
  bytes: "inflates to more than {} bytes",
  entries: "has more than {} entries in its layers",
  nodes: "has more than {} directories, links and package files",
  names: "has names of more than {} characters together",
  captured: "has more than {} bytes of package databases and manifests",
};

export const createScanBudget = (limits: ScanLimits): ScanBudget => {
  const left: Record<BudgetItem, number> = {
    bytes: limits.maxBytes,
    entries: limits.maxEntries,
    nodes: limits.maxNodes,
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

/** Spends what a layer reports: each report says all that it has used so far. */
export const meterLayer = ({ spend }: ScanBudget): ((usage: LayerUsage) => void) => {
  let before = NO_USAGE;
  return (usage) => {
    const { bytes, entries, names, captured } = before;
    before = usage;
    spend("bytes", usage.bytes - bytes);
    spend("entries", usage.entries - entries);
    spend("names", usage.names - names);
    spend("captured", usage.captured - captured);
  };
};
