import { decodeAnyBase64 } from "#claims/base64.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { checkPossession, issueCertificate } from "#devsigstore/certificateIssuer.ts";
import type { CertificateLog } from "#devsigstore/certificateLog.ts";
import type { DevAuthority } from "#devsigstore/devAuthority.ts";
import { answerJson, routeExactly } from "#devsigstore/devRequest.ts";
import type { DevRequest, DevService } from "#devsigstore/devRequest.ts";
import { readRequestedKey, readSentKey, toPem } from "#devsigstore/holderKey.ts";
import { readToken } from "#devsigstore/jsonWebToken.ts";
import type { OidcIssuer } from "#devsigstore/oidcIssuer.ts";
import { bytesAt, objectAt, readRequestJson, textAt } from "#devsigstore/requestJson.ts";
import { readTokenIdentity } from "#devsigstore/tokenIdentity.ts";
import type { TokenIdentity } from "#devsigstore/tokenIdentity.ts";

export interface FulcioParts {
  readonly authority: DevAuthority;
  readonly log: CertificateLog;
  readonly issuer: OidcIssuer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Fulcio: both versions of its API (fulcio.swagger.json, fulcio_legacy.swagger.json). */
export const fulcioService = (parts: FulcioParts): DevService => {
  const authorities = [parts.authority.signer, parts.authority.root].map((one) =>
    toPem("CERTIFICATE", one.certificate),
  );
  return routeExactly({
    "POST /api/v2/signingCert": (request) => {
      const chain = [issue(parts, request, readSentToken), ...authorities];
      return answerJson({ signedCertificateEmbeddedSct: { chain: { certificates: chain } } });
    },
    "POST /api/v1/signingCert": (request) => ({
      status: 201,
      type: "application/pem-certificate-chain",
      body: [issue(parts, request, readLegacyRequest), ...authorities].join(""),
    }),
    "GET /api/v2/trustBundle": () => answerJson({ chains: [{ certificates: authorities }] }),
    "GET /api/v1/rootCert": () => ({
      status: 200,
      type: "application/pem-certificate-chain",
      body: authorities.join(""),
    }),
    "GET /api/v2/configuration": () => answerJson({ issuers: [describeIssuer(parts.issuer)] }),
  });
};

const describeIssuer = ({ url, audience }: OidcIssuer) => ({
  issuerUrl: url,
  audience,
  challengeClaim: "email",
  issuerType: "email",
});

/** Token, key and proof as one of the two APIs carries them. */
interface SentRequest {
  readonly token: string | undefined;
  /** Given the identity of the token, since the proof is over it. */
  readonly key: (identity: TokenIdentity) => PublicKey;
}

const issue = (parts: FulcioParts, request: DevRequest, read: (body: JsonObject) => SentRequest): string => {
  const now = parts.now();
  const sent = read(readRequestJson(request.body));
  const [, bearer] = /^Bearer ([\x21-\x7e]+)$/i.exec(request.header("authorization") ?? "") ?? [];
  const token = sent.token ?? bearer;
  if (token === undefined) throw new WaybillError("TOKEN_INVALID", "no identity token came with the request");
  const { key, url, audience, host } = parts.issuer;
  const claims = readToken(token, { key, issuer: url, audience, now: now / 1000 });
  const identity = readTokenIdentity(claims, url, host);
  return toPem("CERTIFICATE", issueCertificate(parts, identity, sent.key(identity), now));
};

/** Go writes null for what is not there, as cosign 2 does with its certificate request. */
const isGiven = (body: JsonObject, name: string): boolean => (body[name] ?? null) !== null;

const readSentToken = (body: JsonObject): SentRequest => {
  const token = isGiven(body, "credentials") ? textAt(objectAt(body, "credentials"), "oidcIdentityToken") : undefined;
  if (isGiven(body, "certificateSigningRequest"))
    return { token, key: () => readRequestedKey(bytesAt(body, "certificateSigningRequest")) };
  const content = textAt(objectAt(body, "publicKeyRequest", "publicKey"), "content");
  const proof = bytesAt(objectAt(body, "publicKeyRequest"), "proofOfPossession");
  return { token, key: proven(Buffer.from(content), proof) };
};

const readLegacyRequest = (body: JsonObject): SentRequest => {
  if (isGiven(body, "certificateSigningRequest"))
    return { token: undefined, key: () => readRequestedKey(bytesAt(body, "certificateSigningRequest")) };
  const content = bytesAt(objectAt(body, "publicKey"), "content");
  return { token: undefined, key: proven(content, bytesAt(body, "signedEmailAddress")) };
};

const proven =
  (content: Uint8Array, proof: Uint8Array) =>
  ({ challenge }: TokenIdentity): PublicKey => {
    const isPem = Buffer.from(content).includes("-----BEGIN");
    const key = readSentKey(isPem ? content : (decodeAnyBase64(Buffer.from(content).toString("latin1")) ?? content));
    checkPossession(key, challenge, proof);
    return key;
  };
