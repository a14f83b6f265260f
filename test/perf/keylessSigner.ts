import { fail } from "node:assert/strict";
import { createHash, sign, X509Certificate } from "node:crypto";
import { pae } from "#claims/dsse.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import { TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { startDevSigstore } from "#devsigstore/startDevSigstore.ts";
import { certifyHolder } from "../fakes/devBench.ts";
import type { CertifiedHolder, DevBench } from "../fakes/devBench.ts";
import { manualClock } from "../fakes/manualClock.ts";
import { testCtx } from "../fakes/testCtx.ts";

export type RekorVersion = "v1" | "v2";

/** Signs as a workflow of GitHub Actions does, with a local Sigstore in this process. */
export interface KeylessSigner extends AsyncDisposable {
  readonly trustedRoot: Uint8Array;
  readonly identity: string;
  readonly issuer: string;
  /** A bundle v0.3 around the statement, with a key, a certificate, a log entry and (v2) a timestamp of its own. */
  readonly sign: (statement: Uint8Array, rekor: RekorVersion) => Promise<Uint8Array>;
}

const REPOSITORY = "octo/app";
const REF = "refs/heads/main";

export const startKeylessSigner = async (): Promise<KeylessSigner> => {
  // Whole seconds: `@sigstore/verify` reads no fraction in a timestamp that has not exactly three digits.
  const clock = manualClock(Math.floor(Date.now() / 1000 - 60) * 1000);
  const sigstore = await startDevSigstore(testCtx({ clock }), { host: "127.0.0.1", port: 0 });
  const bench: DevBench = { sigstore, clock, post, close: sigstore.close };
  return {
    trustedRoot: sigstore.documents.trustedRoot,
    identity: `https://github.com/${REPOSITORY}/.github/workflows/release.yml@${REF}`,
    issuer: sigstore.urls.oidcIssuer,
    sign: (statement, rekor) => signWith(bench, statement, rekor),
    [Symbol.asyncDispose]: sigstore.close,
  };
};

const post: DevBench["post"] = async (url, body, headers = {}) => {
  const answer = await fetch(url, {
    method: "POST",
    headers,
    body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  });
  return answer.ok ? answer : fail(`${answer.status} ${url}: ${await answer.text()}`);
};

interface Signed {
  /** What the signature is over. */
  readonly bytes: Uint8Array;
  readonly envelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly [{ readonly sig: string }];
  };
  readonly holder: CertifiedHolder;
  readonly certificate: Buffer;
}

const signWith = async (bench: DevBench, statement: Uint8Array, rekor: RekorVersion): Promise<Uint8Array> => {
  const holder = await certifyHolder(bench, { repository: REPOSITORY }, `repo:${REPOSITORY}:ref:${REF}`);
  const bytes = pae(MEDIA_TYPE.inToto, statement);
  const signature = sign("sha256", bytes, holder.privateKey);
  const certificate = new X509Certificate(holder.chain[0] ?? "").raw;
  const envelope: Signed["envelope"] = {
    payload: Buffer.from(statement).toString("base64"),
    payloadType: MEDIA_TYPE.inToto,
    signatures: [{ sig: signature.toString("base64") }],
  };
  const signed = { bytes, envelope, holder, certificate };
  const entry = await (rekor === "v1" ? logRekor : logTiles)(bench, signed);
  const stamps = rekor === "v1" ? [] : [{ signedTimestamp: await stamp(bench, signature) }];
  return Buffer.from(
    JSON.stringify({
      mediaType: MEDIA_TYPE.bundle,
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString("base64") },
        tlogEntries: [entry],
        timestampVerificationData: { rfc3161Timestamps: stamps },
      },
      dsseEnvelope: envelope,
    }),
  );
};

/** cosign logs an envelope there as the digest of what its signature is over, and reads nothing else (cosign.md 6.5). */
const logTiles = async ({ sigstore }: DevBench, { bytes, envelope, certificate }: Signed): Promise<unknown> => {
  const verifier = {
    x509Certificate: { rawBytes: certificate.toString("base64") },
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
  };
  const digest = createHash("sha256").update(bytes).digest("base64");
  const signature = { content: envelope.signatures[0].sig, verifier };
  const request = { hashedRekordRequestV002: { digest, signature } };
  return (await post(`${sigstore.urls.rekorTiles}/api/v2/log/entries`, request)).json();
};

interface RekorAnswer {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
  };
}

const toBase64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

/** As bundles carry what Rekor v1 answers (cosign.md 6.4). */
const logRekor = async ({ sigstore }: DevBench, { envelope, holder }: Signed): Promise<unknown> => {
  const text = Buffer.from(writeProtoJson(envelope)).toString();
  const verifiers = [Buffer.from(holder.chain[0] ?? "").toString("base64")];
  const spec = { proposedContent: { envelope: text, verifiers } };
  const answer = await post(`${sigstore.urls.rekor}/api/v1/log/entries`, { apiVersion: "0.0.1", kind: "dsse", spec });
  const [entry] = Object.values((await answer.json()) as Readonly<Record<string, RekorAnswer>>);
  if (entry === undefined) fail("the log answered with no entry");
  const { inclusionProof: proof, signedEntryTimestamp } = entry.verification;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: toBase64(entry.logID) },
    kindVersion: { kind: "dsse", version: "0.0.1" },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      treeSize: String(proof.treeSize),
      rootHash: toBase64(proof.rootHash),
      hashes: proof.hashes.map(toBase64),
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: entry.body,
  };
};

const stamp = async ({ sigstore }: DevBench, signature: Uint8Array): Promise<string> => {
  const algorithm = writeDer(TAG.sequence, writeDerOid("2.16.840.1.101.3.4.2.1"));
  const imprint = writeDer(
    TAG.sequence,
    algorithm,
    writeDer(TAG.octetString, createHash("sha256").update(signature).digest()),
  );
  const certificates = Buffer.from([TAG.boolean, 1, 0xff]);
  const query = writeDer(TAG.sequence, writeDerInteger(1), imprint, certificates);
  return Buffer.from(await (await post(sigstore.urls.timestamp, query)).arrayBuffer()).toString("base64");
};
