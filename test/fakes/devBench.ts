import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { startDevSigstore } from "#devsigstore/startDevSigstore.ts";
import type { DevSigstore } from "#devsigstore/startDevSigstore.ts";
import type { IdentityWish } from "#devsigstore/wishedClaims.ts";
import { manualClock } from "./manualClock.ts";
import type { ManualClock } from "./manualClock.ts";
import { testCtx } from "./testCtx.ts";

/** A local Sigstore whose clock stands still, on a free port. */
export interface DevBench {
  readonly sigstore: DevSigstore;
  readonly clock: ManualClock;
  readonly post: (url: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export const openDevBench = async (): Promise<DevBench> => {
  const clock = manualClock(Date.parse("2026-03-01T12:00:00.120Z"));
  const sigstore = await startDevSigstore(testCtx({ clock }), { host: "127.0.0.1", port: 0 });
  return { sigstore, clock, post: postTo, close: sigstore.close };
};

const postTo: DevBench["post"] = (url, body, headers = {}) =>
  fetch(url, { method: "POST", headers, body: body instanceof Uint8Array ? body : JSON.stringify(body) });

/** A key with a certificate of the local Fulcio; PEM, the leaf first. */
export interface CertifiedHolder {
  readonly privateKey: KeyObject;
  readonly chain: readonly string[];
}

export const certifyHolder = async (
  { sigstore, post }: DevBench,
  wish: IdentityWish,
  challenge: string,
): Promise<CertifiedHolder> => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyRequest = {
    publicKey: { algorithm: "ECDSA", content: publicKey.export({ type: "spki", format: "pem" }) },
    proofOfPossession: sign("sha256", Buffer.from(challenge), privateKey).toString("base64"),
  };
  const credentials = { oidcIdentityToken: sigstore.tokenFor(wish) };
  const answer = await post(`${sigstore.urls.fulcio}/api/v2/signingCert`, { credentials, publicKeyRequest });
  if (!answer.ok) throw new TypeError(`${answer.status} ${await answer.text()}`);
  const value = (await answer.json()) as {
    signedCertificateEmbeddedSct: { chain: { certificates: string[] } };
  };
  return { privateKey, chain: value.signedCertificateEmbeddedSct.chain.certificates };
};
