import { ERRORS } from "#core/errorTable.ts";
import { WaybillError } from "#core/errors.ts";
import type { ErrorCode } from "#core/errors.ts";

/** Why a request got no answer. `closed`: after a TLS handshake, where there is one; `plain`: the other side of a TLS handshake does not speak TLS; `proxy`: one refuses for good. */
export type NetworkReason =
  | "refused"
  | "reset"
  | "closed"
  | "cut"
  | "timeout"
  | "connect"
  | "name"
  | "plain"
  | "certificate"
  | "identity"
  | "proxy"
  | "other";

const REASONS: Readonly<Record<string, NetworkReason>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  // After the handshake, where there is one.
  UND_ERR_SOCKET: "closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "cut",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "connect",
  ETIMEDOUT: "connect",
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  // OpenSSL's words for bytes that are no TLS record; which one depends on what the plain answer begins with.
  ERR_SSL_WRONG_VERSION_NUMBER: "plain",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "plain",
  ERR_SSL_UNKNOWN_PROTOCOL: "plain",
  ERR_SSL_HTTP_REQUEST: "plain",
  ERR_SSL_RECORD_LAYER_FAILURE: "plain",
  EPROTO: "plain",
};

// X509_verify_cert's results as Node spells them, and Node's own check of the name.
const CERTIFICATE = /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^ERR_TLS_/;

// Alerts of the other side about what we showed (RFC 8446 section 6.2).
const IDENTITY =
  /_ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/;

const WORDS: Readonly<Record<NetworkReason, string>> = {
  refused: "the connection was refused",
  reset: "the connection was closed before the answer was complete",
  closed: "the connection was closed before the answer was complete",
  cut: "the answer ended before its announced length",
  timeout: "no bytes came for too long",
  connect: "no connection could be made in time",
  name: "the host name could not be resolved",
  plain: "the other side does not speak TLS",
  certificate: "the TLS certificate is not trusted",
  identity: "the other side wants another TLS certificate of ours than it got",
  proxy: "the proxy refuses",
  other: "the connection failed",
};

const HINTS: Partial<Readonly<Record<NetworkReason, string>>> = {
  certificate:
    "Give the authority that issued it with --registry-cacert, or skip the check with --allow-insecure-registry.",
  identity: "Give the one that it takes with --registry-client-cert and --registry-client-key.",
};

interface Remark {
  readonly words: string;
  readonly hint: string;
}

const OTHER_NAME: Remark = {
  words: "the TLS certificate is for another name",
  hint: "Use a name that stands in the certificate, or say with --registry-server-name which one that is.",
};
const OTHER_TIME: Remark = {
  words: "the TLS certificate is not valid at this time",
  hint: "Check this machine's clock; if it is right, whoever runs the other side has to renew the certificate.",
};

/** Certificates whose authority is not what is at fault. */
const REMARKS: Readonly<Record<string, Remark>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAME,
  HOSTNAME_MISMATCH: OTHER_NAME,
  CERT_HAS_EXPIRED: OTHER_TIME,
  CERT_NOT_YET_VALID: OTHER_TIME,
};

/** What the HTTP library threw as an error of ours; errors of ours pass, an abort becomes its own reason or ABORTED. */
export const networkError = (thrown: unknown, what: string, signal: AbortSignal): WaybillError => {
  if (signal.aborted) return abortError(signal, thrown);
  if (thrown instanceof WaybillError) return thrown;
  const code = systemCode(thrown);
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return new WaybillError("LIMIT_EXCEEDED", `${what}: the headers of the answer are too large`, { cause: thrown });
  const reason = REASONS[code] ?? (IDENTITY.test(code) ? "identity" : CERTIFICATE.test(code) ? "certificate" : "other");
  const ours: ErrorCode = reason === "timeout" || reason === "connect" ? "NETWORK_TIMEOUT" : "NETWORK_FAILED";
  const { words, hint } = REMARKS[code] ?? { words: WORDS[reason], hint: HINTS[reason] ?? ERRORS[ours].hint };
  return new WaybillError(ours, `${what}: ${words}${code === "" ? "" : ` (${code})`}`, {
    cause: thrown,
    hint,
    details: { reason },
  });
};

/** A deadline aborts with an error of ours as its reason; everything else that aborts is an interruption. */
export const abortError = (signal: AbortSignal, cause?: unknown): WaybillError =>
  signal.reason instanceof WaybillError ? signal.reason : new WaybillError("ABORTED", "interrupted", { cause });

/** The reason that `networkError` found, or undefined for any other error. */
export const networkReason = (error: unknown): NetworkReason | undefined =>
  error instanceof WaybillError ? (error.details["reason"] as NetworkReason | undefined) : undefined;

const systemCode = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return "";
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  // A name with several addresses fails with the errors of all of them.
  if (thrown instanceof AggregateError) return systemCode(thrown.errors[0]);
  return thrown.cause === undefined ? "" : systemCode(thrown.cause);
};
