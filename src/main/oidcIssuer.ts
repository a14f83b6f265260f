import { createOidcVerifier } from "#api/oidcTokens.ts";
import type { OidcVerifier } from "#api/oidcTokens.ts";
import type { Clock } from "#core/clock.ts";
import { WaybillError } from "#core/errors.ts";
import { VERSION } from "#main/version.ts";
import { fetchText } from "#net/fetchText.ts";
import { readProxies } from "#net/proxies.ts";
import { createTransport } from "#net/transport.ts";

export interface OidcIssuer {
  /** Undefined where no issuer was named. */
  readonly verify: OidcVerifier | undefined;
  readonly close: () => Promise<void>;
}

/** Asks the issuer that the settings name, over connections of its own. USAGE_INVALID for half of the settings. */
export const openOidcIssuer = (issuer: string | undefined, audience: string | undefined, clock: Clock): OidcIssuer => {
  if (issuer === undefined && audience === undefined) return { verify: undefined, close: async () => undefined };
  if (issuer === undefined || audience === undefined)
    throw new WaybillError("USAGE_INVALID", "--oidc-issuer and --oidc-audience belong together");
  const transport = createTransport({ version: VERSION, proxies: readProxies(process.env) });
  const verify = createOidcVerifier({ issuer, audience, fetchText: fetchText(transport.send), clock });
  return { verify, close: () => transport.close() };
};
