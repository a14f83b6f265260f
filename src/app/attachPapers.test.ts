import { describe, expect, it } from "vitest";
import { writeBundle } from "#claims/bundle.ts";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import { writeSignatureStatement, writeStatement } from "#claims/statement.ts";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestKey } from "../../test/fakes/testKey.ts";
import { attachPapers } from "#app/attachPapers.ts";
import type { AttachInput } from "#app/attachPapers.ts";
import { readForeignPapers, readForeignSignature } from "#app/foreignPaper.ts";
import { generatePayload } from "#app/generatePayload.ts";
import { verifyImages } from "#app/verifyImages.ts";
import type { Wanted } from "#app/verifyImages.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const REF = `${NAME}:1.0`;
const key = createTestKey();

const setUp = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const digest = await pushImage(ctx, repositories.at(NAME), "1.0", "content");
  const attach = async (read: AttachInput["read"], dryRun = false) => {
    const done = await attachPapers({ repositories })(ctx, { reference: REF, read, dryRun, settleMs: 0 });
    if (done.kind !== "done" || done.images[0] === undefined) throw new TypeError("failed");
    return done.images[0].report;
  };
  const files = (...texts: readonly Uint8Array[]) =>
    attach((subject) => texts.flatMap((one) => readForeignPapers(one, "attestation", { subject, where: "file" })));
  const bundle = (bytes: Uint8Array) =>
    attach((subject) => readForeignPapers(bytes, "signature", { subject, where: "file" }));
  const signature = (payload: Uint8Array | undefined, text: string) =>
    attach((subject, dockerReference) => [
      readForeignSignature({
        subject,
        where: "file",
        dockerReference,
        payload,
        signature: Buffer.from(text),
        certificate: undefined,
        chain: undefined,
      }),
    ]);
  const verifies = async (wanted: Wanted, storage: "legacy" | "bundle"): Promise<number> => {
    const trust = { keys: [key.trusted] };
    const [checked] = await verifyImages({ repositories })(ctx, {
      references: [REF],
      wanted,
      trust,
      storage,
      maxWorkers: 1,
    });
    return checked?.kind === "decided" ? checked.verdict.claims.length : -1;
  };
  return { repositories, digest, attach, files, bundle, signature, verifies };
};

const SIGNATURE: Wanted = { kind: "signature", annotations: {}, checkClaims: true };
const ATTESTATION: Wanted = { kind: "attestation", predicateType: undefined, checkClaims: true };

const statementOf = (digest: Digest, n = 0): Uint8Array =>
  writeStatement({
    subjects: [{ digest }],
    predicateType: PREDICATE_TYPES.openvex,
    predicate: Buffer.from(`{"n":${n}}`),
  });

const envelopeOf = (payload: Uint8Array): Uint8Array =>
  writeEnvelope(MEDIA_TYPE.inToto, payload, [{ keyid: "k", sig: key.sign(pae(MEDIA_TYPE.inToto, payload)) }]);

const bundleOf = (payload: Uint8Array): Uint8Array =>
  writeBundle({
    payloadType: MEDIA_TYPE.inToto,
    payload,
    signature: key.sign(pae(MEDIA_TYPE.inToto, payload)),
    publicKeySpki: key.trusted.key.spki,
  });

const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(parts.flatMap((one) => [one, Buffer.from("\n")]));

describe("attachPapers", () => {
  it("stores envelopes and bundles as they are, several in a file, and verify finds them", async () => {
    const { digest, files, verifies, repositories } = await setUp();
    const [first, second, third] = [1, 2, 3].map((n) => statementOf(digest, n)) as [Uint8Array, Uint8Array, Uint8Array];
    const bundle = bundleOf(third);
    const report = await files(joined(envelopeOf(first), envelopeOf(second)), joined(bundle));
    expect(report.written.map(({ form }) => form).toSorted()).toEqual(["bundle", "legacy", "legacy"]);
    expect(await verifies(ATTESTATION, "legacy")).toBe(2);
    expect(await verifies(ATTESTATION, "bundle")).toBe(1);
    expect(repositories.at(NAME).content.blobs.get(digestOf(bundle))).toEqual(Uint8Array.from(bundle));
  });

  it("writes nothing the second time, and keeps what others wrote", async () => {
    const { digest, files, verifies, repositories } = await setUp();
    const envelope = envelopeOf(statementOf(digest, 1));
    const bundle = bundleOf(statementOf(digest, 2));
    await files(envelope, bundle);
    const before = repositories.at(NAME).content.manifests.size;
    const again = await files(envelope, bundle, envelope);
    expect(again).toMatchObject({ written: [], failed: [] });
    expect(again.skipped).toHaveLength(2);
    expect(repositories.at(NAME).content.manifests.size).toBe(before);
    await files(envelopeOf(statementOf(digest, 3)));
    expect(await verifies(ATTESTATION, "legacy")).toBe(2);
  });

  it("stores a signature that another tool made over what generate prints", async () => {
    const { repositories, signature, verifies } = await setUp();
    const annotations = { tenant_id: "t-1" };
    const payload = await generatePayload({ repositories })(ctx, { reference: REF, annotations });
    const text = `${Buffer.from(key.sign(payload)).toString("base64")}\n`;
    expect((await signature(payload, text)).written).toHaveLength(1);
    expect((await signature(payload, text)).skipped).toHaveLength(1);
    expect(await verifies({ ...SIGNATURE, annotations }, "legacy")).toBe(1);
  });

  it("takes the payload without annotations where none is given", async () => {
    const { repositories, signature, verifies } = await setUp();
    const payload = await generatePayload({ repositories })(ctx, { reference: REF, annotations: {} });
    await signature(undefined, Buffer.from(key.sign(payload)).toString("base64"));
    expect(await verifies(SIGNATURE, "legacy")).toBe(1);
  });

  it("keeps a certificate and its chain beside the signature", async () => {
    const { repositories, digest, attach } = await setUp();
    const pem = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
    await attach((subject, dockerReference) => [
      readForeignSignature({
        subject,
        where: "file",
        dockerReference,
        payload: undefined,
        signature: Buffer.from("AQID"),
        certificate: pem,
        chain: undefined,
      }),
    ]);
    const repository = repositories.at(NAME);
    const raw = await repository.readManifest(ctx, `${digest.replace(":", "-")}.sig`);
    expect(JSON.parse(Buffer.from(raw?.bytes ?? "").toString())).toMatchObject({
      layers: [{ annotations: { "dev.sigstore.cosign/certificate": pem, "dev.sigstore.cosign/chain": "" } }],
    });
  });

  it("refuses what names another image, and then writes nothing", async () => {
    const { digest, files, bundle, signature, repositories } = await setUp();
    const other = digestOf("another image");
    const before = repositories.at(NAME).content.blobs.size;
    const good = envelopeOf(statementOf(digest));
    for (const run of [
      () => files(good, envelopeOf(statementOf(other))),
      () => files(bundleOf(statementOf(other))),
      () => bundle(bundleOf(writeSignatureStatement({ digest: other, annotations: {} }))),
      () =>
        signature(
          Buffer.from(
            `{"critical":{"identity":{"docker-reference":"x"},"image":{"docker-manifest-digest":"${other}"},"type":"cosign container image signature"},"optional":null}`,
          ),
          "AQID",
        ),
    ])
      expect(await codeOfPromise(run())).toBe("INPUT_INVALID");
    expect(repositories.at(NAME).content.blobs.size).toBe(before);
  });

  it("refuses what is no such paper", async () => {
    const { digest, files, bundle, signature } = await setUp();
    const signed = bundleOf(writeSignatureStatement({ digest, annotations: {} }));
    const old = Buffer.from(Buffer.from(signed).toString().replace(".v0.3+json", ".v0.2+json"));
    const unsigned = writeEnvelope(MEDIA_TYPE.inToto, statementOf(digest), []);
    for (const run of [
      () => files(signed),
      () => files(envelopeOf(writeSignatureStatement({ digest, annotations: {} }))),
      () => files(unsigned),
      () => files(Buffer.from("{}")),
      () => files(Buffer.from(" ")),
      () => files(envelopeOf(Buffer.from("no statement"))),
      () => bundle(bundleOf(statementOf(digest))),
      () => bundle(old),
      () => bundle(envelopeOf(statementOf(digest))),
      () => signature(undefined, "not base64!"),
      () => signature(undefined, ""),
      () => signature(Buffer.from("{}"), "AQID"),
    ])
      expect(await codeOfPromise(run())).toBe("INPUT_INVALID");
  });

  it("says what a dry run would write, and writes nothing", async () => {
    const { digest, attach, repositories } = await setUp();
    const before = repositories.at(NAME).content.blobs.size;
    const envelope = envelopeOf(statementOf(digest));
    const report = await attach(
      (subject) => readForeignPapers(envelope, "attestation", { subject, where: "file" }),
      true,
    );
    expect(report.written.map(({ manifest }) => manifest)).toEqual([undefined]);
    expect(repositories.at(NAME).content.blobs.size).toBe(before);
  });

  it("writes one form where the registry refuses the other, and says which", async () => {
    const { digest, files } = await setUp((one) => ({
      ...one,
      writeReferrers: () => Promise.reject(new WaybillError("REGISTRY_REFUSED", "no")),
    }));
    const report = await files(envelopeOf(statementOf(digest, 1)), bundleOf(statementOf(digest, 2)));
    expect(report.written.map(({ form }) => form)).toEqual(["legacy"]);
    expect(report.failed.map(({ form, error }) => [form, error.code])).toEqual([["bundle", "REGISTRY_REFUSED"]]);
  });

  it("does not write blindly where it cannot read what is there", async () => {
    const { digest, files } = await setUp((one) => ({
      ...one,
      listReferrers: () => Promise.reject(new WaybillError("REGISTRY_THROTTLED", "429")),
    }));
    expect(await codeOfPromise(files(envelopeOf(statementOf(digest))))).toBe("REGISTRY_THROTTLED");
  });
});
