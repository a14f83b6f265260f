import { X509Certificate, createHash, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TAG, contextTag, readDerList, readDerOid, readDerValue } from "#claims/strictDer.ts";
import { writeDer } from "#claims/writeDer.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { certifyHolder, openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";

let bench: DevBench;
beforeAll(async () => {
  bench = await openDevBench();
});
afterAll(() => bench.close());

const readPem = (pem = "") => readCertificate(new X509Certificate(pem).raw, "the certificate");

interface SentKey {
  readonly token?: string | undefined;
  readonly challenge?: string;
  readonly header?: string;
}

const request = ({ token, challenge = "a@example.com", header }: SentKey) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const content = publicKey.export({ type: "spki", format: "pem" });
  const proofOfPossession = sign("sha256", Buffer.from(challenge), privateKey).toString("base64");
  const body = {
    publicKeyRequest: { publicKey: { algorithm: "ECDSA", content }, proofOfPossession },
    ...(token !== undefined && { credentials: { oidcIdentityToken: token } }),
  };
  const headers: Record<string, string> = header === undefined ? {} : { authorization: `Bearer ${header}` };
  return bench.post(`${bench.sigstore.urls.fulcio}/api/v2/signingCert`, body, headers);
};

describe("certificates", () => {
  it("are of a chain that holds, for ten minutes, to sign code alone", async () => {
    const { chain } = await certifyHolder(bench, { email: "a@example.com" }, "a@example.com");
    const [leaf, intermediate, root] = chain.map((pem) => new X509Certificate(pem));
    if (leaf === undefined || intermediate === undefined || root === undefined) throw new TypeError("three are wanted");
    expect(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.checkIssued(root) && intermediate.verify(root.publicKey)).toBe(true);
    expect(root.checkIssued(root) && root.verify(root.publicKey)).toBe(true);
    expect(root.publicKey.asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
    const read = readPem(chain[0]);
    expect(read.notBefore.toISOString()).toBe("2026-03-01T12:00:00.000Z");
    expect(read.notAfter.toISOString()).toBe("2026-03-01T12:10:00.000Z");
    expect(read.isCa).toBe(false);
    expect(read.extendedKeyUsage).toEqual(["1.3.6.1.5.5.7.3.3"]);
    expect([...(read.keyUsage ?? [])]).toEqual(["digitalSignature"]);
    expect(read.names).toEqual([{ kind: "email", value: "a@example.com" }]);
    const issued = readPem(chain[1]);
    expect([issued.isCa, issued.pathLength, issued.extendedKeyUsage]).toEqual([true, 0, ["1.3.6.1.5.5.7.3.3"]]);
  });

  it("name runs of GitHub Actions with every claim of theirs", async () => {
    const wish = { repository: "octo/app", claims: { ref: "refs/tags/v1", event_name: "release", run_id: "77" } };
    const { chain } = await certifyHolder(bench, wish, "repo:octo/app:ref:refs/tags/v1");
    const read = readPem(chain[0]);
    const workflow = "https://github.com/octo/app/.github/workflows/release.yml@refs/tags/v1";
    expect(read.names).toEqual([{ kind: "uri", value: workflow }]);
    const values = [...read.extensions].flatMap(([oid, { value }]) => {
      const [, number] = /^1\.3\.6\.1\.4\.1\.57264\.1\.(\d+)$/.exec(oid) ?? [];
      const text = Buffer.from(Number(number) < 7 ? value : value.subarray(2)).toString();
      return number === undefined ? [] : [[Number(number), text] as const];
    });
    const issuer = bench.sigstore.urls.oidcIssuer;
    const found = new Map(values);
    expect([1, 2, 4, 5, 6, 8, 12, 14, 16].map((one) => found.get(one))).toEqual([
      issuer,
      "release",
      "release",
      "octo/app",
      "refs/tags/v1",
      issuer,
      "https://github.com/octo/app",
      "refs/tags/v1",
      "https://github.com/octo",
    ]);
    expect(found.get(21)).toBe("https://github.com/octo/app/actions/runs/77/attempts/1");
    expect(Buffer.from(read.extensions.get("1.3.6.1.4.1.57264.1.9")?.value ?? []).toString("latin1")).toContain(
      workflow,
    );
    expect(found.size).toBe(21);
  });

  it.each([
    ["spiffe://example.com/builder", { kind: "uri", value: "spiffe://example.com/builder" }],
    ["builder-7", { kind: "other", value: "builder-7!127.0.0.1" }],
  ])("name the subject %s", async (subject, name) => {
    const { chain } = await certifyHolder(bench, { subject }, subject);
    expect(readPem(chain[0]).names).toEqual([name]);
  });

  it("carry the promise of the certificate log over what they say without it", async () => {
    const { chain } = await certifyHolder(bench, { email: "sct@example.com" }, "sct@example.com");
    const leaf = readPem(chain[0]);
    const list = readDerValue(leaf.extensions.get("1.3.6.1.4.1.11129.2.4.2")?.value ?? Buffer.of(), "SCTs").content;
    const sct = Buffer.from(list.subarray(4));
    const { ctlogs } = JSON.parse(Buffer.from(bench.sigstore.documents.trustedRoot).toString()) as TrustedRootDocument;
    expect(sct.subarray(1, 33).toString("base64")).toBe(ctlogs[0].logId.keyId);
    // RFC 6962 section 3.2: version, type, timestamp, precert_entry, the issuer's key, the certificate without its promises.
    const issuer = createPublicKey(chain[1] ?? "").export({ type: "spki", format: "der" });
    const issuerHash = createHash("sha256").update(issuer).digest();
    const tbs = withoutScts(leaf.tbs);
    const length = Buffer.of(0, tbs.byteLength >> 8, tbs.byteLength & 0xff);
    const signed = Buffer.concat([
      Buffer.of(0, 0),
      sct.subarray(33, 41),
      Buffer.of(0, 1),
      issuerHash,
      length,
      tbs,
      Buffer.of(0, 0),
    ]);
    const key = createPublicKey({
      key: Buffer.from(ctlogs[0].publicKey.rawBytes, "base64"),
      format: "der",
      type: "spki",
    });
    expect(verify("sha256", signed, key, sct.subarray(47))).toBe(true);
  });
});

interface TrustedRootDocument {
  readonly ctlogs: readonly [
    { readonly logId: { readonly keyId: string }; readonly publicKey: { readonly rawBytes: string } },
  ];
}

const withoutScts = (tbs: Uint8Array): Buffer => {
  const parts = readDerList(readDerValue(tbs, "tbs"), TAG.sequence, "tbs");
  const [list] = readDerList(parts.at(-1), contextTag(3), "extensions");
  const kept = readDerList(list, TAG.sequence, "extensions").filter(
    (one) => readDerOid(readDerList(one, TAG.sequence, "one")[0], "oid") !== "1.3.6.1.4.1.11129.2.4.2",
  );
  const extensions = writeDer(contextTag(3), writeDer(TAG.sequence, ...kept.map(({ bytes }) => bytes)));
  return writeDer(TAG.sequence, ...parts.slice(0, -1).map(({ bytes }) => bytes), extensions);
};

describe("refused are", () => {
  const email = "a@example.com";
  const other = "b@example.com";

  it("requests without a token, or with one that is damaged", async () => {
    expect((await request({})).status).toBe(401);
    const token = bench.sigstore.tokenFor({ email });
    expect((await request({ header: token })).status).toBe(200);
    const [head, body, signature] = token.split(".");
    const claims = JSON.parse(Buffer.from(body ?? "", "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, email: other, sub: other })).toString("base64url");
    expect((await request({ token: `${head}.${forged}.${signature}`, challenge: other })).status).toBe(401);
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    expect((await request({ token: `${none}.${body}.` })).status).toBe(401);
  });

  it("tokens that have expired", async () => {
    const token = bench.sigstore.tokenFor({ email });
    bench.clock.advance(301_000);
    const answer = await request({ token });
    expect(await answer.json()).toEqual({ code: 401, message: "the identity token has expired" });
    bench.clock.advance(-301_000);
  });

  it("tokens for others, of others and of somebody else's issuer", async () => {
    const foreign = await openDevBench();
    expect((await request({ token: foreign.sigstore.tokenFor({ email }) })).status).toBe(401);
    await foreign.close();
    const claims = { email_verified: false };
    expect((await request({ token: bench.sigstore.tokenFor({ email, claims }) })).status).toBe(401);
  });

  it("keys that did not sign the challenge", async () => {
    const token = bench.sigstore.tokenFor({ email });
    const answer = await request({ token, challenge: other });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("proof of possession");
  });
});

it("answers the legacy API with a PEM chain, and tells its authorities", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const content = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const signedEmailAddress = sign("sha384", Buffer.from("a@example.com"), privateKey).toString("base64");
  const { fulcio } = bench.sigstore.urls;
  const authorization = `Bearer ${bench.sigstore.tokenFor({ email: "a@example.com" })}`;
  const body = { publicKey: { content, algorithm: "ecdsa" }, signedEmailAddress };
  const answer = await bench.post(`${fulcio}/api/v1/signingCert`, body, { authorization });
  expect(answer.status).toBe(201);
  const chain = await answer.text();
  expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  const root = await (await fetch(`${fulcio}/api/v1/rootCert`)).text();
  expect(chain.endsWith(root)).toBe(true);
  const bundle = (await (await fetch(`${fulcio}/api/v2/trustBundle`)).json()) as {
    chains: [{ certificates: string[] }];
  };
  expect(bundle.chains[0].certificates.join("")).toBe(root);
});
