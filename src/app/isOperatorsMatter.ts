import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";

/** About the service's own files and settings, whose messages name paths, variables and flags of its machine. */
const OWN: ReadonlySet<ErrorCode> = new Set([
  "INTERNAL",
  "USAGE_INVALID",
  "CONFIG_INVALID",
  "KEY_UNREADABLE",
  "PASSWORD_WRONG",
  "KEY_WEAK",
  "TRUST_INVALID",
  "STORE_FAILED",
]);

/** True for an error whose words are for the operator's log alone; also where one stands behind it, since messages quote causes. */
export const isOperatorsMatter = (error: WaybillError): boolean =>
  OWN.has(error.code) || (error.cause instanceof WaybillError && isOperatorsMatter(error.cause));
