import { isIPv4 } from "node:net";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { openListener } from "#net/openListener.ts";
import type { ListenAddress } from "#net/openListener.ts";
import { createServiceServer } from "#devsigstore/answerHttp.ts";
import { createDevServices } from "#devsigstore/devServices.ts";
import type { DevSigstoreDocuments } from "#devsigstore/devServices.ts";
import type { DevService } from "#devsigstore/devRequest.ts";
import type { DevSigstoreUrls } from "#devsigstore/sigstoreDocuments.ts";
import type { IdentityWish } from "#devsigstore/wishedClaims.ts";

/** A Sigstore of this machine alone. */
export interface DevSigstore {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly urls: DevSigstoreUrls;
  readonly documents: DevSigstoreDocuments;
  /** A signed identity token, good for five minutes. INPUT_INVALID. */
  readonly tokenFor: (wish: IdentityWish) => string;
  readonly close: () => Promise<void>;
}

// Requests take milliseconds.
const GRACE_MS = 1000;

/**
 * Starts a true Sigstore in this process: issuer of identity tokens, Fulcio, certificate log, Rekor v1 and v2, timestamp
 * authority and TUF repository, with keys and logs of its own that end with it. Its time is that of `ctx.clock`.
 * USAGE_INVALID beyond loopback: whoever reaches it gets any identity.
 */
export const startDevSigstore = async (ctx: Ctx, listen: ListenAddress): Promise<DevSigstore> => {
  checkLoopback(listen.host);
  const services = new Map<string, DevService>();
  const server = createServiceServer(services, {
    answered: (method, path, status) => ctx.log("debug", "request", { method, path, status }),
    failed: ({ message }) => ctx.log("error", "a request failed", { message }),
  });
  const { address, close } = await openListener(server, listen);
  const url = `http://${address}`;
  const started = createDevServices(url, ctx.clock.now);
  for (const [prefix, service] of started.services) services.set(prefix, service);
  const { urls, documents, tokenFor } = started;
  return { url, urls, documents, tokenFor, close: () => close(GRACE_MS) };
};

const checkLoopback = (host: string): void => {
  if ((isIPv4(host) && host.startsWith("127.")) || host === "::1" || host === "localhost") return;
  throw new WaybillError("USAGE_INVALID", `cannot listen on ${JSON.stringify(host)}: it is no loopback address`, {
    hint: "Whoever reaches a local Sigstore gets any identity from it, so it stays on 127.0.0.1, [::1] or localhost.",
  });
};
