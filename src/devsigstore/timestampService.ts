import { WaybillError } from "#core/errors.ts";
import type { DevAuthority } from "#devsigstore/devAuthority.ts";
import { routeExactly } from "#devsigstore/devRequest.ts";
import type { DevService } from "#devsigstore/devRequest.ts";
import { toPem } from "#devsigstore/holderKey.ts";
import { readRequestJson } from "#devsigstore/requestJson.ts";
import { readJsonTimestampRequest, readTimestampRequest } from "#devsigstore/timestampRequest.ts";
import { POLICY, writeTimestamp } from "#devsigstore/writeTimestamp.ts";

/** A timestamp authority (RFC 3161 section 3.4) with the paths of Sigstore's; `now` in milliseconds since 1970. */
export const timestampService = ({ signer, root }: DevAuthority, now: () => number): DevService => {
  const chain = [signer, root].map((one) => toPem("CERTIFICATE", one.certificate)).join("");
  return routeExactly({
    "POST /api/v1/timestamp": ({ body, header }) => {
      const isJson = header("content-type")?.startsWith("application/json") === true;
      const wanted = isJson ? readJsonTimestampRequest(readRequestJson(body)) : readTimestampRequest(body);
      if (wanted.policy !== undefined && wanted.policy !== POLICY)
        throw new WaybillError("INPUT_INVALID", `the policy of timestamps is ${POLICY}, not ${wanted.policy}`);
      return { status: 201, type: "application/timestamp-reply", body: writeTimestamp(wanted, signer, now()) };
    },
    "GET /api/v1/timestamp/certchain": () => ({ status: 200, type: "application/pem-certificate-chain", body: chain }),
  });
};
