import { createHash, sign, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLogEntry } from "#claims/logEntry.ts";
import { TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { findPath } from "#trust/certificatePath.ts";
import { isFault } from "#trust/fault.ts";
import { matchIdentity } from "#trust/identityRule.ts";
import { verifyLogEntry } from "#trust/logProof.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { readTrustRoot } from "#trust/readTrustRoot.ts";
import { verifyScts } from "#trust/signedCertificateTimestamp.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import { certifyHolder, openDevBench } from "../../test/fakes/devBench.ts";
import type { CertifiedHolder, DevBench } from "../../test/fakes/devBench.ts";

// What it issues, this program's own verification believes, and believes of nobody else.

let bench: DevBench;
let root: TrustRoot;
let stranger: TrustRoot;
beforeAll(async () => {
  bench = await openDevBench();
  root = readTrustRoot(bench.sigstore.documents.trustedRoot, "here");
  const other = await openDevBench();
  stranger = readTrustRoot(other.sigstore.documents.trustedRoot, "elsewhere");
  await other.close();
});
afterAll(() => bench.close());

const now = () => new Date(bench.clock.now());
const certificatesOf = ({ chain }: CertifiedHolder) =>
  chain.map((pem) => readCertificate(new X509Certificate(pem).raw, "a certificate"));

const poolOf = ({ certificateAuthorities }: TrustRoot) => {
  const all = certificateAuthorities.flatMap(({ certificates }) => certificates);
  return { anchors: all.slice(-1), intermediates: all.slice(0, -1) };
};

describe("certificates", () => {
  it.each([
    [{ email: "a@example.com" }, "a@example.com", "a@example.com"],
    [{ subject: "spiffe://example.com/a" }, "spiffe://example.com/a", "spiffe://example.com/a"],
    [{ subject: "builder" }, "builder", "builder!127.0.0.1"],
    [
      { repository: "octo/app" },
      "repo:octo/app:ref:refs/heads/main",
      "https://github.com/octo/app/.github/workflows/release.yml@refs/heads/main",
    ],
  ])("of %o have a path, a promise and an identity", async (wish, challenge, subject) => {
    const [leaf, issuer] = certificatesOf(await certifyHolder(bench, wish, challenge));
    if (leaf === undefined || issuer === undefined) throw new TypeError("a chain is wanted");
    expect(findPath(leaf, poolOf(root), now(), "code-signing")).toHaveProperty("certificates.length", 3);
    expect(findPath(leaf, poolOf(stranger), now(), "code-signing")).toHaveProperty("code");
    expect(verifyScts(leaf, issuer, [root], { at: now() })).toMatchObject([{ form: "embedded", time: now() }]);
    expect(verifyScts(leaf, issuer, [stranger], { at: now() })).toHaveProperty("code");
    const rules = [bench.sigstore.urls.oidcIssuer, "https://else.example"].map((value) => ({
      name: value,
      subject: [{ kind: "exact", value: subject }] as const,
      issuer: [{ kind: "exact", value }] as const,
      claims: {},
    }));
    expect(matchIdentity(leaf, rules.slice(0, 1))).toMatchObject({ subject });
    expect(matchIdentity(leaf, rules.slice(1))).toHaveProperty("code", "identity-issuer");
  });
});

interface SignedText {
  readonly holder: CertifiedHolder;
  readonly digest: Buffer;
  readonly signature: Buffer;
  readonly thing: SignedThing;
}

const signText = async (text: string): Promise<SignedText> => {
  const holder = await certifyHolder(bench, { email: "a@example.com" }, "a@example.com");
  const [certificate] = certificatesOf(holder);
  if (certificate === undefined) throw new TypeError("a chain is wanted");
  const digest = createHash("sha256").update(text).digest();
  const signature = sign("sha256", Buffer.from(text), holder.privateKey);
  const content = { kind: "message", digests: new Map<HashName, Uint8Array>([["sha256", digest]]) } as const;
  const verifier = { kind: "certificate", certificate } as const;
  return { holder, digest, signature, thing: { signature, verifier, scheme: "ecdsa-sha256", content } };
};

const ask = async (url: string, request: unknown): Promise<JsonObject> => {
  const value = parseStrict(Buffer.from(await (await bench.post(url, request)).arrayBuffer()), "the answer");
  if (!isJsonObject(value)) throw new TypeError("an object is wanted");
  return value;
};

const logTiles = ({ holder, digest, signature }: SignedText): Promise<JsonObject> =>
  ask(`${bench.sigstore.urls.rekorTiles}/api/v2/log/entries`, {
    hashedRekordRequestV002: {
      digest: digest.toString("base64"),
      signature: {
        content: signature.toString("base64"),
        verifier: {
          x509Certificate: { rawBytes: new X509Certificate(holder.chain[0] ?? "").raw.toString("base64") },
          keyDetails: "PKIX_ECDSA_P256_SHA_256",
        },
      },
    },
  });

/** As bundles carry what Rekor v1 answers (cosign.md 6.4). */
const logRekor = async ({ holder, digest, signature }: SignedText): Promise<JsonObject> => {
  const content = Buffer.from(holder.chain[0] ?? "").toString("base64");
  const answer = await ask(`${bench.sigstore.urls.rekor}/api/v1/log/entries`, {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value: digest.toString("hex") } },
      signature: { content: signature.toString("base64"), publicKey: { content } },
    },
  });
  const [entry] = Object.values(answer) as unknown as readonly [RekorAnswer];
  const { inclusionProof: proof, signedEntryTimestamp } = entry.verification;
  const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: base64(entry.logID) },
    kindVersion: { kind: "hashedrekord", version: "0.0.1" },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      treeSize: String(proof.treeSize),
      rootHash: base64(proof.rootHash),
      hashes: proof.hashes.map(base64),
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: entry.body,
  };
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

describe("log entries", () => {
  it.each([
    ["Rekor v1", logRekor, { kind: "hashedrekord 0.0.1", promise: true }],
    ["Rekor v2", logTiles, { kind: "hashedrekord 0.0.2", promise: false }],
  ])("of %s are about what was signed", async (_, log, facts) => {
    const signed = await signText("one");
    await log(await signText("before"));
    const entry = readLogEntry(await log(signed), 0);
    expect(verifyLogEntry(entry, signed.thing, [root])).toMatchObject({ ...facts, inclusionProof: true, root: "here" });
    expect(verifyLogEntry(entry, signed.thing, [stranger])).toHaveProperty("code", "log-unknown");
    const { thing } = await signText("two");
    expect(isFault(verifyLogEntry(entry, thing, [root]))).toBe(true);
  });
});

it("stamps what was signed with the time of the clock", async () => {
  const bytes = Buffer.from("a signature");
  const algorithm = writeDer(TAG.sequence, writeDerOid("2.16.840.1.101.3.4.2.1"));
  const digest = writeDer(TAG.octetString, createHash("sha256").update(bytes).digest());
  const query = writeDer(TAG.sequence, writeDerInteger(1), writeDer(TAG.sequence, algorithm, digest));
  const answer = await bench.post(bench.sigstore.urls.timestamp, query);
  const stamp = Buffer.from(await answer.arrayBuffer());
  expect(verifyTimestamp(stamp, bytes, [root])).toMatchObject({ time: now(), fraction: "12", policy: "2.999.1.1" });
  expect(isFault(verifyTimestamp(stamp, Buffer.from("another"), [root]))).toBe(true);
  expect(isFault(verifyTimestamp(stamp, bytes, [stranger]))).toBe(true);
});
