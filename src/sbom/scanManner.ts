import type { ScanScope } from "#sbom/scanScope.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** How a user wants images to be read. */
export interface ScanManner {
  /** Layers read at once. */
  readonly jobs: number;
  readonly scope: ScanScope;
  /** Whether facts of layers may be taken from the cache, and are kept there. */
  readonly cache: boolean;
  /** What the document calls the image; undefined: its own title. */
  readonly name?: string | undefined;
  /** Those that are not the usual ones. */
  readonly limits: Partial<ScanLimits>;
}
