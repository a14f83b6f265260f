import { createCertificateLog } from "#devsigstore/certificateLog.ts";
import { certificateLogService } from "#devsigstore/certificateLogService.ts";
import { createCertificateAuthority, createTimestampSigner } from "#devsigstore/devAuthority.ts";
import { newDevKey } from "#devsigstore/devKey.ts";
import type { DevService } from "#devsigstore/devRequest.ts";
import { fulcioService } from "#devsigstore/fulcioService.ts";
import { createOidcIssuer } from "#devsigstore/oidcIssuer.ts";
import type { OidcIssuer } from "#devsigstore/oidcIssuer.ts";
import { oidcService } from "#devsigstore/oidcService.ts";
import { createRekorLog } from "#devsigstore/rekorLog.ts";
import { rekorService } from "#devsigstore/rekorService.ts";
import { rekorTilesService } from "#devsigstore/rekorTilesService.ts";
import { writeLooseKeys, writeSigningConfig, writeTrustedRoot } from "#devsigstore/sigstoreDocuments.ts";
import type { DevSigstoreKeys, DevSigstoreUrls } from "#devsigstore/sigstoreDocuments.ts";
import { timestampService } from "#devsigstore/timestampService.ts";
import { createDevTuf } from "#devsigstore/tufService.ts";

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

/** Everything that stands behind one address. */
export interface DevServices extends Pick<OidcIssuer, "tokenFor"> {
  /** By the prefix of their paths. */
  readonly services: ReadonlyMap<string, DevService>;
  readonly urls: DevSigstoreUrls;
  readonly documents: DevSigstoreDocuments;
}

/** New keys, empty logs and what serves them below `url`; `now` in milliseconds since 1970. */
export const createDevServices = (url: string, now: () => number): DevServices => {
  const urls = urlsBelow(url);
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
  const keys = { certificateLog: ct.key, rekor: rekor.key, rekorTiles };
  const documents = writeDocuments({ urls, host, certificates, timestamps, start, ...keys });
  const tuf = createDevTuf(documents.targets, now());
  const services = new Map<string, DevService>([
    ["/oidc", oidcService(issuer, now)],
    ["/fulcio", fulcioService({ authority: certificates, log: ct, issuer, now })],
    ["/ctlog", certificateLogService(ct, certificates, now)],
    ["/rekor", rekorService(rekor, "/rekor")],
    ["/rekor2", rekorTilesService({ key: rekorTiles, host })],
    ["/tsa", timestampService(timestamps, now)],
    ["/tuf", tuf.service],
  ]);
  return { services, urls, documents: { ...documents.files, tufRoot: tuf.root }, tokenFor: issuer.tokenFor };
};

const urlsBelow = (url: string): DevSigstoreUrls => ({
  oidcIssuer: `${url}/oidc`,
  fulcio: `${url}/fulcio`,
  certificateLog: `${url}/ctlog`,
  rekor: `${url}/rekor`,
  rekorTiles: `${url}/rekor2`,
  timestamp: `${url}/tsa/api/v1/timestamp`,
  tuf: `${url}/tuf`,
});

/** The documents, and those of them that the TUF repository has. */
const writeDocuments = (keys: DevSigstoreKeys) => {
  const { urls, start } = keys;
  const files = {
    trustedRoot: writeTrustedRoot(keys),
    signingConfig: writeSigningConfig(urls, start, "v2"),
    signingConfigV1: writeSigningConfig(urls, start, "v1"),
  };
  const targets = new Map([
    ["trusted_root.json", files.trustedRoot],
    ["signing_config.v0.2.json", files.signingConfig],
    ...writeLooseKeys(keys),
  ]);
  return { files, targets };
};
