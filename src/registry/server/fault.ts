import { asWaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";
import type { Answer } from "#registry/server/answer.ts";
import { answerJson } from "#registry/server/answer.ts";

/** Error codes of the distribution-spec 1.1 ("Error Codes") and the status each goes with; the last five are ours. */
const FAULTS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED: 405,
  PAGINATION_NUMBER_INVALID: 400,
  PRECONDITION_FAILED: 412,
  RANGE_INVALID: 416,
  TOO_LARGE: 413,
  UNKNOWN: 500,
} as const;

export type Fault = keyof typeof FAULTS;

/** The answer that says no: JSON as the distribution-spec has it. */
export const refuse = (fault: Fault, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  answerJson({ errors: [{ code: fault, message, detail: {} }] }, headers, FAULTS[fault]);

const FAULT_OF: Partial<Readonly<Record<ErrorCode, Fault>>> = {
  TAG_CONTENDED: "PRECONDITION_FAILED",
  DIGEST_MISMATCH: "DIGEST_INVALID",
  SIZE_SHORT: "SIZE_INVALID",
  SIZE_LONG: "SIZE_INVALID",
  LIMIT_EXCEEDED: "TOO_LARGE",
  INPUT_INVALID: "MANIFEST_INVALID",
  BLOB_UNKNOWN: "MANIFEST_BLOB_UNKNOWN",
};

/** What was thrown, as an answer; a fault of ours says nothing of paths or causes. */
export const refuseThrown = (thrown: unknown): Answer => {
  const error = asWaybillError(thrown);
  const fault = error.details["reason"] === "quota" ? "DENIED" : FAULT_OF[error.code];
  return fault === undefined ? refuse("UNKNOWN", "the registry failed") : refuse(fault, error.message);
};
