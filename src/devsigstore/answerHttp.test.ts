import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { get } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";

let bench: DevBench;
beforeAll(async () => {
  bench = await openDevBench();
});
afterAll(() => bench.close());

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64");
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
const spki = publicKey.export({ type: "spki", format: "der" });
const content = base64(sign("sha256", Buffer.from("text"), privateKey));
const digest = createHash("sha256").update("text").digest();

const proofOfPossession = base64(sign("sha256", Buffer.from("a@example.com"), privateKey));
const verifier = { publicKey: { rawBytes: base64(spki) }, keyDetails: "PKIX_ECDSA_P256_SHA_256" };

/** What each service takes; `token` makes one that is good. */
const requests: Readonly<Record<string, (token: string) => unknown>> = {
  "/fulcio/api/v2/signingCert": (token) => ({
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: { publicKey: { algorithm: "ECDSA", content: pem }, proofOfPossession },
  }),
  "/rekor/api/v1/log/entries": () => ({
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value: digest.toString("hex") } },
      signature: { content, publicKey: { content: base64(pem) } },
    },
  }),
  "/rekor2/api/v2/log/entries": () => ({
    hashedRekordRequestV002: { digest: base64(digest), signature: { content, verifier } },
  }),
  "/ctlog/ct/v1/add-pre-chain": () => ({ chain: [base64(spki)] }),
  "/tsa/api/v1/timestamp": () => ({ artifactHash: base64(digest), hashAlgorithm: "sha256" }),
};

describe.each(Object.entries(requests))("%s", (path, request) => {
  const send = async (body: Uint8Array): Promise<number> => {
    const answer = await bench.post(`${bench.sigstore.url}${path}`, body, { "content-type": "application/json" });
    await answer.arrayBuffer();
    return answer.status;
  };

  it("has no fault of its own, whatever one byte of a good request is", async () => {
    const good = Buffer.from(JSON.stringify(request(bench.sigstore.tokenFor({ email: "a@example.com" }))));
    const change = fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(change, async ([at, value]) => {
        const changed = Buffer.from(good);
        changed.writeUInt8(value, at);
        expect(await send(changed)).toBeLessThan(500);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses what is no request", async () => {
    for (const body of ["", "[]", "null", "{}", '{"chain":[1]}', '{"spec":{"__proto__":1}}', "{".repeat(5000)])
      expect(await send(Buffer.from(body))).toBe(400);
  });
});

it("answers to names of loopback alone, and takes paths as they come", async () => {
  const { port } = new URL(bench.sigstore.url);
  const ask = (host: string, path: string) =>
    new Promise<number | undefined>((resolve) => {
      get({ host: "127.0.0.1", port, path, headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
    });
  for (const host of ["127.0.0.1", `localhost:${port}`, "[::1]:80"]) expect(await ask(host, "/oidc/keys")).toBe(200);
  for (const host of ["attacker.example", `attacker.example:${port}`, "127.0.0.1.attacker.example"])
    expect(await ask(host, "/oidc/keys")).toBe(400);
  for (const path of [
    "//oidc/keys",
    "/tuf/../oidc/keys",
    "/oidc//keys",
    "/oidc/%6beys",
    "/__proto__/x",
    "/oidc/__proto__",
  ])
    expect(await ask("127.0.0.1", path)).toBe(404);
});
