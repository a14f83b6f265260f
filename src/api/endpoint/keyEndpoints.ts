import { WaybillError } from "#core/errors.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { getCosignPub, listKeys } from "#api/contract/serviceRoutes.ts";
import { bind, bindOpen } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { json } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";

export const keyEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bindOpen(getCosignPub, ({ query: { kid } }) => Promise.resolve(cosignPub(deps, kid))),
  bind(listKeys, () => {
    const current = deps.serviceKey();
    const retired = ownKeys(deps).filter((id) => id !== current?.id);
    return Promise.resolve(
      json({
        items: [
          ...(current === undefined ? [] : [{ id: current.id, state: "current", pem: current.pem }]),
          ...retired.map((id) => ({ id, state: "retired", pem: null })),
        ],
      }),
    );
  }),
];

/** evidence.md 4.2: one PEM block, since single-key tools read the first one. */
const cosignPub = (deps: ApiDeps, kid: string | undefined): Reply => {
  const key = deps.serviceKey();
  if (key === undefined) throw new WaybillError("KEY_NOT_GENERATED", "the service has no key yet");
  if (kid !== undefined && kid !== key.id) throw new WaybillError("NOT_FOUND", "no such key");
  return {
    kind: "bytes",
    content: { mediaType: "application/x-pem-file", bytes: Buffer.from(key.pem), cache: "public, max-age=300" },
    headers: { Link: '</api/v1/keys>; rel="related"', "Access-Control-Allow-Origin": "*" },
  };
};
