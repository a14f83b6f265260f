import { isIPv4 } from "node:net";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { openListener } from "#net/openListener.ts";
import type { ListenAddress } from "#net/openListener.ts";
import { createServiceServer } from "#devsigstore/answerHttp.ts";
import { createCertificateLog } from "#devsigstore/certificateLog.ts";
import { certificateLogService } from "#devsigstore/certificateLogService.ts";
import { createCertificateAuthority, createTimestampSigner } from "#devsigstore/devAuthority.ts";
import { newDevKey } from "#devsigstore/devKey.ts";
import type { DevService } from "#devsigstore/devRequest.ts";
import { fulcioService } from "#devsigstore/fulcioService.ts";
import { createOidcIssuer } from "#devsigstore/oidcIssuer.ts";
import { oidcService } from "#devsigstore/oidcService.ts";
import { createRekorLog } from "#devsigstore/rekorLog.ts";
import { rekorService } from "#devsigstore/rekorService.ts";
import { rekorTilesService } from "#devsigstore/rekorTilesService.ts";
import { writeLooseKeys, writeSigningConfig, writeTrustedRoot } from "#devsigstore/sigstoreDocuments.ts";
import type { DevSigstoreUrls } from "#devsigstore/sigstoreDocuments.ts";
import { timestampService } from "#devsigstore/timestampService.ts";
import { createDevTuf } from "#devsigstore/tufService.ts";
import type { IdentityWish } from "#devsigstore/wishedClaims.ts";

/** Documents that clients are given. */
export interface DevSigstoreDocuments {
  readonly trustedRoot: Uint8Array;
  /** With Rekor v2 and timestamps. */
  readonly signingConfig: Uint8Array;
  /** With Rekor v1. */
  readonly signingConfigV1: Uint8Array;
  /** root.json of the TUF repository. */
  readonly tufRoot: Uint8Array;
}

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
  const { now } = ctx.clock;
  const started = createServices(url, now);
  for (const [prefix, service] of started.services) services.set(prefix, service);
  return { url, ...started.facts, close: () => close(GRACE_MS) };
};

const checkLoopback = (host: string): void => {
  if ((isIPv4(host) && host.startsWith("127.")) || host === "::1" || host === "localhost") return;
  throw new WaybillError("USAGE_INVALID", `cannot listen on ${JSON.stringify(host)}: it is no loopback address`, {
    hint: "Whoever reaches a local Sigstore gets any identity from it, so it stays on 127.0.0.1, [::1] or localhost.",
  });
};

const createServices = (url: string, now: () => number) => {
  const urls: DevSigstoreUrls = {
    oidcIssuer: `${url}/oidc`,
    fulcio: `${url}/fulcio`,
    certificateLog: `${url}/ctlog`,
    rekor: `${url}/rekor`,
    rekorTiles: `${url}/rekor2`,
    timestamp: `${url}/tsa/api/v1/timestamp`,
    tuf: `${url}/tuf`,
  };
  const { hostname } = new URL(url);
  // As Go takes it out of the log's URL: without port, and an IPv6 address without brackets.
  const host = hostname.replace(/^\[|\]$/g, "");
  const certificates = createCertificateAuthority(now());
  const timestamps = createTimestampSigner(now());
  const ct = createCertificateLog(certificates, newDevKey("ecdsa-p256"), now);
  const rekor = createRekorLog(newDevKey("ecdsa-p256"), hostname, now);
  const rekorTiles = newDevKey("ed25519");
  const issuer = createOidcIssuer(urls.oidcIssuer, now);
  const { start } = certificates;
  const keys = { urls, host, certificates, timestamps, certificateLog: ct.key, rekor: rekor.key, rekorTiles, start };
  const trustedRoot = writeTrustedRoot(keys);
  const signingConfig = writeSigningConfig(urls, start, "v2");
  const signingConfigV1 = writeSigningConfig(urls, start, "v1");
  const targets = new Map([
    ["trusted_root.json", trustedRoot],
    ["signing_config.v0.2.json", signingConfig],
    ...writeLooseKeys(keys),
  ]);
  const tuf = createDevTuf(targets, now());
  const services = new Map<string, DevService>([
    ["/oidc", oidcService(issuer, now)],
    ["/fulcio", fulcioService({ authority: certificates, log: ct, issuer, now })],
    ["/ctlog", certificateLogService(ct, certificates, now)],
    ["/rekor", rekorService(rekor, "/rekor")],
    ["/rekor2", rekorTilesService({ key: rekorTiles, host })],
    ["/tsa", timestampService(timestamps, now)],
    ["/tuf", tuf.service],
  ]);
  const documents = { trustedRoot, signingConfig, signingConfigV1, tufRoot: tuf.root };
  return { services, facts: { urls, documents, tokenFor: (wish: IdentityWish) => issuer.tokenFor(wish) } };
};
