import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** How much of an image is read where nobody says otherwise. */
export const IMAGE_LIMITS: ScanLimits = SCAN_LIMITS;
