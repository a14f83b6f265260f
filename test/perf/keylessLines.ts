import type { Workspace } from "../interop/workspace.ts";
import { measureBundles } from "./bundleLines.ts";
import { measureKeylessImages } from "./keylessImages.ts";
import type { Line } from "./measure.ts";

/** Verification of signatures that come with a certificate and proofs: bundles in this process, then images of a registry. */
export const measureKeyless = async (workspace: Workspace): Promise<readonly Line[]> => [
  ...(await measureBundles()),
  ...(await measureKeylessImages(workspace)),
];
