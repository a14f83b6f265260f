import { ERRORS } from "#core/errorTable.ts";
import type { ErrorCode, WaybillError } from "#core/errors.ts";
import { isOperatorsMatter } from "#app/isOperatorsMatter.ts";
import { PROBLEM_TYPE } from "#api/contract/problem.ts";
import type { Problem } from "#api/contract/problem.ts";

interface Asked {
  readonly path: string;
  readonly requestId: string;
  /** What every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
}

// What is not there and what is not the caller's must not be told apart, so both say the same.
const NOT_FOUND = {
  detail: "There is nothing under this name for the token that came with the request.",
  hint: "Check the name, and which tenant and role the token has.",
};

const WITHHELD = {
  detail: "The service could not do this.",
  hint: "Try again; the service's log says more under the trace_id.",
};

/** The code as the API spells it. */
export const problemCode = (code: ErrorCode): string => code.toLowerCase().replaceAll("_", "-");

/** An error as RFC 9457 JSON. Faults of the service keep their own words for the log. */
export const problemOf = (error: WaybillError, asked: Asked): Response => {
  const { http: status, title } = ERRORS[error.code];
  const code = problemCode(error.code);
  const body: Problem = {
    type: `urn:waybill:problem:${code}`,
    title,
    status,
    ...wordsOf(error, status),
    instance: asked.path,
    code,
    trace_id: asked.requestId,
    ...stateOf(error),
    ...pointersOf(error),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...asked.headers, "Content-Type": PROBLEM_TYPE, "Cache-Control": "no-store", ...headersOf(error) },
  });
};

const wordsOf = (error: WaybillError, status: number): Pick<Problem, "detail" | "hint"> => {
  if (error.code === "NOT_FOUND") return NOT_FOUND;
  if (status === 500 || isOperatorsMatter(error)) return WITHHELD;
  return { detail: error.message, hint: error.hint };
};

const isMissingPaper = (code: ErrorCode): boolean => code.endsWith("_NOT_PRODUCED");

const stateOf = (error: WaybillError): Pick<Problem, "state"> =>
  isMissingPaper(error.code) || error.code === "GATE_CLOSED"
    ? { state: error.details["state"] as NonNullable<Problem["state"]> }
    : {};

/** The details of a REQUEST_INVALID are pointers with what is wrong there; a use case names the field of the body. */
const pointersOf = ({ code, details }: WaybillError): Pick<Problem, "errors"> => {
  if (code === "REQUEST_INVALID") {
    return { errors: Object.entries(details).map(([pointer, reason]) => ({ pointer, code: String(reason) })) };
  }
  const field = details["field"];
  if (code !== "INPUT_INVALID" || typeof field !== "string") return {};
  return { errors: [{ pointer: `/body/${field.replace(".", "/")}`, code: "invalid" }] };
};

const headersOf = ({ code, details }: WaybillError): Readonly<Record<string, string>> => {
  if (code === "METHOD_UNKNOWN") return { Allow: String(details["allow"]) };
  if (code === "TOKEN_INVALID") {
    return {
      "WWW-Authenticate": `Bearer realm="waybill"${details["given"] === true ? ', error="invalid_token"' : ""}`,
    };
  }
  if (code === "RATE_EXCEEDED") return { "Retry-After": String(details["seconds"]) };
  if (code === "IDEMPOTENCY_BUSY") return { "Retry-After": "1" };
  if (code === "SERVICE_STOPPING") return { "Retry-After": "5" };
  // Nobody need ask again where nothing is under way.
  if (code === "GATE_CLOSED") return details["settled"] === true ? {} : { "Retry-After": "5" };
  if (code === "KEY_NOT_GENERATED") return { "Retry-After": "30" };
  if (!isMissingPaper(code)) return {};
  const soon = details["state"] === "pending" || details["state"] === "running";
  return { "Retry-After": soon ? "5" : "60" };
};
