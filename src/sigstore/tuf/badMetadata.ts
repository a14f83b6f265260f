import { WaybillError } from "#core/errors.ts";

const HINT =
  "The mirror is damaged, is none of this root, or somebody tampers with it. Nothing of it is used; try again, then ask whoever runs the mirror.";

/** What is said of metadata that must not be believed: `what` names it, `why` goes on. TRUST_INVALID. */
export const badMetadata = (what: string, why: string, cause?: unknown): WaybillError =>
  new WaybillError("TRUST_INVALID", `${what} ${why}`, { hint: HINT, cause });
