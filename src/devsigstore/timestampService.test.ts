import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TAG, contextTag } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger, writeDerOid } from "#claims/writeDer.ts";
import { openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";

let bench: DevBench;
const dir = mkdtempSync(join(tmpdir(), "waybill-tsa-"));
beforeAll(async () => {
  bench = await openDevBench();
  const chain = await (await fetch(`${bench.sigstore.urls.timestamp}/certchain`)).text();
  writeFileSync(join(dir, "chain.pem"), chain);
  writeFileSync(join(dir, "root.pem"), chain.slice(chain.lastIndexOf("-----BEGIN")));
  writeFileSync(join(dir, "data"), "what was signed");
});
afterAll(async () => {
  await bench.close();
  rmSync(dir, { recursive: true });
});

const openssl = (...args: readonly string[]): Buffer => execFileSync("openssl", args, { cwd: dir, stdio: "pipe" });

/** Whether OpenSSL believes the answer; the certificate of the signer comes with it, or out of the chain. */
const opensslVerifies = (query: Buffer, answer: Uint8Array): boolean => {
  writeFileSync(join(dir, "query"), query);
  writeFileSync(join(dir, "answer"), answer);
  const at = String(Math.floor(bench.clock.now() / 1000));
  const trust = ["-CAfile", "root.pem", "-untrusted", "chain.pem", "-attime", at];
  return openssl("ts", "-verify", "-queryfile", "query", "-in", "answer", ...trust)
    .toString()
    .includes("Verification: OK");
};

const ask = (query: Uint8Array) => bench.post(bench.sigstore.urls.timestamp, query);

const stamp = async (...args: readonly string[]) => {
  const query = openssl("ts", "-query", "-data", "data", ...args);
  const answer = await ask(query);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([201, "application/timestamp-reply"]);
  return { query, bytes: Buffer.from(await answer.arrayBuffer()) };
};

describe("timestamps", () => {
  it.each(["-sha256", "-sha384", "-sha512"])("over %s hold, with nonce and certificate or without", async (hash) => {
    for (const more of [["-cert"], [], ["-no_nonce"], ["-cert", "-tspolicy", "2.999.1.1"]]) {
      const { query, bytes } = await stamp(hash, ...more);
      expect(opensslVerifies(query, bytes)).toBe(true);
    }
  });

  it("carry the signer's certificate only where it was asked for", async () => {
    const [less, more] = [await stamp("-sha256"), await stamp("-sha256", "-cert")];
    expect(more.bytes.byteLength - less.bytes.byteLength).toBeGreaterThan(400);
  });

  it("are not believed for other data, nor with another nonce", async () => {
    const { query, bytes } = await stamp("-sha256");
    const { query: later } = await stamp("-sha256");
    expect(() => opensslVerifies(later, bytes)).toThrow("nonce mismatch");
    const changed = Buffer.from(query);
    changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
    expect(() => opensslVerifies(changed, bytes)).toThrow("message imprint mismatch");
  });

  it.each([
    [0, "20260301120000Z"],
    [1, "20260301120000.001Z"],
    [20, "20260301120000.02Z"],
    [120, "20260301120000.12Z"],
    [500, "20260301120000.5Z"],
    [999, "20260301120000.999Z"],
  ])("write %i milliseconds without zeros at their end", async (milliseconds, expected) => {
    const wanted = Date.parse("2026-03-01T12:00:00Z") + milliseconds;
    bench.clock.advance(wanted - bench.clock.now());
    const { query, bytes } = await stamp("-sha256", "-cert");
    expect(bytes.includes(writeDer(TAG.generalizedTime, Buffer.from(expected)))).toBe(true);
    expect(opensslVerifies(query, bytes)).toBe(true);
  });
});

describe("JSON", () => {
  const json = { "content-type": "application/json" };
  const artifactHash = createHash("sha256").update("what was signed").digest("base64");
  const askJson = (body: object) => bench.post(bench.sigstore.urls.timestamp, body, json);

  it("asks for the same", async () => {
    const asked = { artifactHash, hashAlgorithm: "sha256", certificates: true, nonce: 4_711 };
    const answer = await askJson(asked);
    const query = writeDer(
      TAG.sequence,
      writeDerInteger(1),
      writeDer(
        TAG.sequence,
        writeDer(TAG.sequence, writeDerOid("2.16.840.1.101.3.4.2.1")),
        writeDer(TAG.octetString, Buffer.from(artifactHash, "base64")),
      ),
      writeDerInteger(4_711),
    );
    expect(opensslVerifies(query, Buffer.from(await answer.arrayBuffer()))).toBe(true);
  });

  it.each([
    { artifactHash, hashAlgorithm: "sha1" },
    { artifactHash, hashAlgorithm: "sha384" },
    { artifactHash: "!", hashAlgorithm: "sha256" },
    { artifactHash, hashAlgorithm: "sha256", tsaPolicyOID: "1.2.3" },
  ])("is refused: %o", async (body) => {
    expect((await askJson({ ...body, artifactHash, hashAlgorithm: "sha256", tsaPolicyOID: "" })).status).toBe(201);
    expect((await askJson(body)).status).toBe(400);
  });
});

describe("refused are", () => {
  const sha256 = writeDer(TAG.sequence, writeDerOid("2.16.840.1.101.3.4.2.1"));
  const imprint = (algorithm: Buffer, digest: Buffer) =>
    writeDer(TAG.sequence, algorithm, writeDer(TAG.octetString, digest));
  const good = imprint(sha256, createHash("sha256").update("x").digest());
  const query = (version: number, ...members: readonly Buffer[]) =>
    writeDer(TAG.sequence, writeDerInteger(version), ...members);

  it.each([
    ["version 2", query(2, good)],
    ["SHA-1", query(1, imprint(writeDer(TAG.sequence, writeDerOid("1.3.14.3.2.26")), Buffer.alloc(20)))],
    ["a digest of another length", query(1, imprint(sha256, Buffer.alloc(31)))],
    ["a policy that is not ours", query(1, good, writeDerOid("1.2.3.4"))],
    ["extensions", query(1, good, writeDer(contextTag(0)))],
    ["a padded nonce", query(1, good, writeDer(TAG.integer, Buffer.of(0, 1)))],
    ["bytes after the end", Buffer.concat([query(1, good), Buffer.of(0)])],
    ["nothing", Buffer.of()],
  ])("%s", async (_, bytes) => {
    expect((await ask(query(1, good))).status).toBe(201);
    expect((await ask(bytes)).status).toBe(400);
  });
});
