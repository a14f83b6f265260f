import { describe, expect, it } from "vitest";
import { networkError } from "#net/networkError.ts";

const idle = new AbortController().signal;
const failed = (code: string) => networkError(Object.assign(new Error("no"), { code }), "GET https://r.example/", idle);

describe("networkError", () => {
  it.each([
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "identity", "--registry-client-cert"],
    ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "identity", "--registry-client-cert"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "identity", "--registry-client-cert"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate", "--registry-cacert"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate", "--registry-server-name"],
    ["CERT_HAS_EXPIRED", "certificate", "clock"],
    ["ECONNREFUSED", "refused", "reachable"],
  ])("tells whose certificate is at fault: %s", (code, reason, hint) => {
    expect(failed(code)).toMatchObject({ code: "NETWORK_FAILED", details: { reason } });
    expect(failed(code).hint).toContain(hint);
  });
});
