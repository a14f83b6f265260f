/**
 * The one table of errors: code -> exit code, HTTP status, whether a retry can help, title, default hint.
 * `docs/errors.md` is checked against it in both directions.
 */
export const ERRORS = {
  USAGE_INVALID: {
    exit: 2,
    http: 400,
    retry: false,
    title: "The command line is not valid",
    hint: "Run the command with --help to see its flags.",
  },
  CONFIG_INVALID: {
    exit: 2,
    http: 400,
    retry: false,
    title: "A setting is not valid",
    hint: "Correct the named setting and try again.",
  },
  KEY_UNREADABLE: {
    exit: 2,
    http: 400,
    retry: false,
    title: "A key could not be read",
    hint: "Check the path, the format and the password of the key.",
  },
  PASSWORD_WRONG: {
    exit: 2,
    http: 400,
    retry: false,
    title: "The key could not be decrypted",
    hint: "Check COSIGN_PASSWORD, WAYBILL_PASSWORD or the file given with --password-file.",
  },
  KEY_WEAK: {
    exit: 2,
    http: 400,
    retry: false,
    title: "The key is not strong enough or of a kind that is not allowed",
    hint: "Use ECDSA P-256/384/521, Ed25519 or RSA of 2048 to 4096 bits.",
  },
  INPUT_INVALID: {
    exit: 3,
    http: 422,
    retry: false,
    title: "The input is malformed",
    hint: "Correct the input and try again.",
  },
  REFERENCE_INVALID: {
    exit: 3,
    http: 422,
    retry: false,
    title: "The image reference is malformed",
    hint: "Write REGISTRY/REPOSITORY[:TAG][@sha256:HEX] or oci:PATH[:TAG|@DIGEST].",
  },
  IMAGE_REFUSED: {
    exit: 3,
    http: 422,
    retry: false,
    title: "The image's content is refused",
    hint: "The image is damaged or hostile; build it again from a trusted source.",
  },
  LIMIT_EXCEEDED: {
    exit: 3,
    http: 422,
    retry: false,
    title: "A limit was exceeded",
    hint: "If the content is honest, raise the named limit.",
  },
  NOT_FOUND: {
    exit: 4,
    http: 404,
    retry: false,
    title: "Not found",
    hint: "Check the name; the registry answered 404.",
  },
  AUTH_REQUIRED: {
    exit: 5,
    http: 401,
    retry: false,
    title: "The registry wants credentials or refuses these",
    hint: "Log in with docker login, or give --registry-username and --registry-password.",
  },
  AUTH_DENIED: {
    exit: 5,
    http: 403,
    retry: false,
    title: "The registry denies access",
    hint: "These credentials may not do this; ask for pull (and push) rights on the repository.",
  },
  AUTH_INSECURE: {
    exit: 5,
    http: 403,
    retry: false,
    title: "Credentials would travel unprotected",
    hint: "Use https, or allow it for this registry with --allow-http-registry.",
  },
  NETWORK_FAILED: {
    exit: 6,
    http: 502,
    retry: true,
    title: "The connection failed",
    hint: "Check that the registry is up and reachable.",
  },
  NETWORK_TIMEOUT: {
    exit: 6,
    http: 504,
    retry: true,
    title: "The registry took too long",
    hint: "Try again, or raise --timeout.",
  },
  REGISTRY_THROTTLED: {
    exit: 6,
    http: 503,
    retry: true,
    title: "The registry limits the rate of requests",
    hint: "Wait and try again, or log in for a higher limit.",
  },
  REGISTRY_UNAVAILABLE: {
    exit: 6,
    http: 502,
    retry: true,
    title: "The registry failed",
    hint: "Try again later; the registry answered with a server error.",
  },
  REGISTRY_REFUSED: {
    exit: 6,
    http: 502,
    retry: false,
    title: "The registry refused the request",
    hint: "See the registry's own words in the message.",
  },
  REGISTRY_PROTOCOL: {
    exit: 6,
    http: 502,
    retry: false,
    title: "The answer is not that of a registry",
    hint: "Check the host name; a proxy or another service may have answered.",
  },
  TAG_IMMUTABLE: {
    exit: 6,
    http: 412,
    retry: false,
    title: "The tag cannot be changed",
    hint: "The registry keeps tags immutable; use --storage bundle.",
  },
  TAG_CONTENDED: {
    exit: 6,
    http: 409,
    retry: true,
    title: "Other writers kept changing the tag",
    hint: "Run the command again; what is there already is kept.",
  },
  BLOB_UNKNOWN: {
    exit: 6,
    http: 502,
    retry: true,
    title: "The registry does not know a blob that was just pushed",
    hint: "Run the command again; the registry may still be busy with other writers of the same blob.",
  },
  WRITE_PARTIAL: {
    exit: 6,
    http: 502,
    retry: true,
    title: "Only a part was written",
    hint: "Run the command again; it completes what is missing.",
  },
  DIGEST_MISMATCH: {
    exit: 7,
    http: 502,
    retry: false,
    title: "The bytes do not have the digest they must have",
    hint: "The content was damaged or exchanged on its way; fetch it again from a trusted place.",
  },
  SIZE_SHORT: {
    exit: 7,
    http: 502,
    retry: false,
    title: "Fewer bytes arrived than announced",
    hint: "The transfer was cut off; try again.",
  },
  SIZE_LONG: {
    exit: 7,
    http: 502,
    retry: false,
    title: "More bytes arrived than announced",
    hint: "The content does not fit its descriptor; do not trust it.",
  },
  READBACK_FAILED: {
    exit: 7,
    http: 502,
    retry: false,
    title: "What was written does not verify when read back",
    hint: "Do not use this image; look at the registry and its proxies.",
  },
  TRUST_INVALID: {
    exit: 8,
    http: 500,
    retry: false,
    title: "The trust material is not usable",
    hint: "Check the public key given with --key.",
  },
  STORE_FAILED: {
    exit: 9,
    http: 500,
    retry: false,
    title: "The store failed",
    hint: "Check that the directory exists, is writable and has space.",
  },
  REQUEST_INVALID: {
    exit: 2,
    http: 400,
    retry: false,
    title: "The request is malformed",
    hint: "Correct what the error's pointer names; the API's description is at /v1/openapi.json.",
  },
  TOKEN_INVALID: {
    exit: 5,
    http: 401,
    retry: false,
    title: "No valid token came with the request",
    hint: "Send Authorization: Bearer with a token of this service, or of its issuer, that has not expired.",
  },
  METHOD_UNKNOWN: {
    exit: 2,
    http: 405,
    retry: false,
    title: "The resource does not know this method",
    hint: "See the Allow header.",
  },
  ACCEPT_IMPOSSIBLE: {
    exit: 2,
    http: 406,
    retry: false,
    title: "The resource exists in none of the accepted media types",
    hint: "Ask for one of the types that the error names, or leave Accept out.",
  },
  TYPE_UNSUPPORTED: {
    exit: 2,
    http: 415,
    retry: false,
    title: "The body's media type is not understood",
    hint: "Send application/json.",
  },
  BODY_TOO_LARGE: {
    exit: 3,
    http: 413,
    retry: false,
    title: "The request's body is too large",
    hint: "Send less at once.",
  },
  RATE_EXCEEDED: {
    exit: 6,
    http: 429,
    retry: true,
    title: "Too many requests",
    hint: "Wait as long as Retry-After says.",
  },
  BUILD_CONFLICT: {
    exit: 3,
    http: 409,
    retry: false,
    title: "The build is registered with other facts or another image",
    hint: "Give every build a name of its own; what it says never changes.",
  },
  OPERATION_OVER: {
    exit: 3,
    http: 409,
    retry: false,
    title: "The operation has ended",
    hint: "Ask for the papers again with rerun to begin a new one.",
  },
  REPOSITORY_DENIED: {
    exit: 5,
    http: 403,
    retry: false,
    title: "The service does not work on this repository",
    hint: "Name it with --repositories when the service starts.",
  },
  SBOM_NOT_PRODUCED: {
    exit: 4,
    http: 404,
    retry: true,
    title: "The SBOM is not there yet",
    hint: "Ask again later; state says what the build waits for.",
  },
  SIGNATURE_NOT_PRODUCED: {
    exit: 4,
    http: 404,
    retry: true,
    title: "The signature is not there yet",
    hint: "Ask again later; state says what the build waits for.",
  },
  PROVENANCE_NOT_PRODUCED: {
    exit: 4,
    http: 404,
    retry: true,
    title: "The provenance is not there yet",
    hint: "Ask again later; state says what the build waits for.",
  },
  KEY_NOT_GENERATED: {
    exit: 4,
    http: 404,
    retry: true,
    title: "The service has no key yet",
    hint: "Put the key where --key says; the service finds it by itself.",
  },
  SIGNING_UNAVAILABLE: {
    exit: 8,
    http: 503,
    retry: true,
    title: "The service cannot sign",
    hint: "Put the key where --key says; what waits for it goes on by itself.",
  },
  IDEMPOTENCY_MISMATCH: {
    exit: 3,
    http: 422,
    retry: false,
    title: "The Idempotency-Key was used for another request",
    hint: "Make a new key for each request.",
  },
  IDEMPOTENCY_BUSY: {
    exit: 3,
    http: 409,
    retry: true,
    title: "The first request with this Idempotency-Key is still under way",
    hint: "Wait and send it again.",
  },
  ABORTED: {
    exit: 130,
    http: 499,
    retry: false,
    title: "Interrupted",
    hint: "Run the command again; it completes what is missing.",
  },
  INTERNAL: {
    exit: 70,
    http: 500,
    retry: false,
    title: "A fault of the program",
    hint: "Please report this with the output of the same command under --verbose.",
  },
} as const satisfies Record<string, ErrorEntry>;

interface ErrorEntry {
  readonly exit: number;
  readonly http: number;
  readonly retry: boolean;
  readonly title: string;
  readonly hint: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** What besides the message an error carries; `details` must never hold a secret. */
export interface ErrorFacts {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** The only class of error that Waybill throws on purpose. A "no" of a verification is a value, never one of these. */
export class WaybillError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "WaybillError";
    this.code = code;
    this.hint = facts.hint ?? ERRORS[code].hint;
    this.details = facts.details ?? {};
  }

  get exitCode(): number {
    return ERRORS[this.code].exit;
  }
}

/** Any thrown value as a WaybillError: aborts become ABORTED, everything unknown INTERNAL. */
export const asWaybillError = (thrown: unknown): WaybillError => {
  if (thrown instanceof WaybillError) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError")
    return new WaybillError("ABORTED", "interrupted", { cause: thrown });
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new WaybillError("INTERNAL", text, { cause: thrown });
};

/** True for an error of one of these codes. */
export const hasCode = (thrown: unknown, ...codes: readonly ErrorCode[]): thrown is WaybillError =>
  thrown instanceof WaybillError && codes.includes(thrown.code);
