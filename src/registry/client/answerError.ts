import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { describeUrl } from "#net/describeUrl.ts";
import { remoteText } from "#net/remoteText.ts";
import type { HttpAnswer, Method } from "#net/send.ts";

const LIMITS = { maxBytes: 64 * 1024, maxDepth: 16, maxValues: 2000 };
const MAX_QUOTED = 3;

/** What an answer means that is not the one hoped for; never "not there", which only the caller may read from a 404. */
export const answerError = (answer: HttpAnswer, method: Method): WaybillError => {
  const { status } = answer;
  const words = registryWords(answer);
  const message = `${method} ${describeUrl(answer.url)}: ${status}${words === "" ? "" : ` ${words}`}`;
  const hint = hintOf(answer, words);
  return new WaybillError(codeOf(status), message, { ...(hint === undefined ? {} : { hint }), details: { status } });
};

const hintOf = (answer: HttpAnswer, words: string): string | undefined => {
  if (HARBOR_POLICY.test(words)) return HARBOR_HINT;
  return answer.status === 429 ? limitHint(answer) : undefined;
};

/** Docker Hub says how many pulls it allows and for how long: `ratelimit-limit: 100;w=21600` (docker/docs#11648). */
const limitHint = (answer: HttpAnswer): string | undefined => {
  const [, count, seconds] = /^([0-9]{1,9});w=([0-9]{1,9})$/.exec(answerHeader(answer, "ratelimit-limit") ?? "") ?? [];
  return count === undefined
    ? undefined
    : `The registry allows ${count} requests in ${seconds} seconds; wait, or log in for a higher limit.`;
};

// Harbor's answer, a 412, to whoever pulls what its project's policy holds back.
const HARBOR_POLICY = /PROJECTPOLICYVIOLATION/;
const HARBOR_HINT =
  "Harbor's project holds back images without signatures or with vulnerabilities; to sign one, use credentials that may push.";

const codeOf = (status: number): ErrorCode => {
  if (status === 401) return "AUTH_REQUIRED";
  if (status === 403) return "AUTH_DENIED";
  if (status === 404) return "NOT_FOUND";
  if (status === 408 || status === 504) return "NETWORK_TIMEOUT";
  if (status === 429) return "REGISTRY_THROTTLED";
  if (status >= 500) return "REGISTRY_UNAVAILABLE";
  return status >= 400 ? "REGISTRY_REFUSED" : "REGISTRY_PROTOCOL";
};

/** The registry's own words: the errors of OCI distribution-spec "Error Codes", else the beginning of a text; cleaned. */
export const registryWords = (answer: HttpAnswer): string => {
  const errors = readErrors(answer.bytes);
  if (errors.length > 0) return remoteText(errors.slice(0, MAX_QUOTED).map(quote).join("; "));
  const type = answer.headers["content-type"];
  // A page for people holds no sentence worth a line.
  if (typeof type === "string" && /html|octet-stream/.test(type)) return "";
  return remoteText(Buffer.from(answer.bytes.subarray(0, 1000)).toString());
};

interface RegistryProblem {
  readonly code: string;
  readonly message: string;
}

/** The `errors` of a registry's answer; empty when it is none. */
const readErrors = (bytes: Uint8Array): readonly RegistryProblem[] => {
  try {
    const value = parseStrict(bytes, "answer", LIMITS);
    const errors = isJsonObject(value) ? value["errors"] : undefined;
    if (!Array.isArray(errors)) return [];
    return (errors as readonly Json[]).filter(isJsonObject).map((one) => ({
      code: asText(one["code"]),
      message: asText(one["message"]),
    }));
  } catch {
    return [];
  }
};

const asText = (value: Json | undefined): string => (typeof value === "string" ? value : "");

const quote = ({ code, message }: RegistryProblem): string => [code, message].filter((part) => part !== "").join(": ");
