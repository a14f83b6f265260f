import { describe, expect, it } from "vitest";
import { writeBundle } from "#claims/bundle.ts";
import { writeBundleManifest } from "#claims/bundleManifest.ts";
import { attestationLayer, appendLegacyLayers, legacyTag } from "#claims/legacyImage.ts";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import { writeStatement } from "#claims/statement.ts";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { downloadAttestations } from "#app/downloadAttestations.ts";
import { downloadSbom } from "#app/downloadSbom.ts";
import { downloadSignatures } from "#app/downloadSignatures.ts";
import { generatePayload } from "#app/generatePayload.ts";
import { locateTag } from "#app/locateTag.ts";
import { legacyEnvelope } from "#app/paper.ts";
import type { Paper } from "#app/paper.ts";
import { signImages } from "#app/signImages.ts";
import type { Storage } from "#app/storage.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const REF = `${NAME}:1.0`;
const REVIEW = "https://example.com/review/v1";

const setUp = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const repository = repositories.at(NAME);
  const digest = await pushImage(ctx, repository, "1.0", "content");
  const signer = createTestSigner();
  const write = (paper: Paper, storage: Storage = "both") =>
    signImages({ repositories, signer })(ctx, {
      references: [REF],
      paper,
      storage,
      recursive: false,
      dryRun: false,
      maxWorkers: 1,
      settleMs: 0,
    });
  const sign = (storage?: Storage) => write({ kind: "signature", annotations: { tenant_id: "t-1" } }, storage);
  const attest = (predicate: string, predicateType = REVIEW, storage?: Storage) =>
    write({ kind: "attestation", predicateType, predicate: Buffer.from(predicate) }, storage);
  return { repositories, repository, digest, sign, attest };
};

type Bench = Awaited<ReturnType<typeof setUp>>;

const attestations = async (
  { repositories }: Bench,
  over: { readonly predicateType?: string; readonly form?: "envelope" | "bundle" } = {},
) => {
  const lines: string[] = [];
  const report = await downloadAttestations({ repositories })(ctx, {
    reference: REF,
    predicateType: over.predicateType,
    form: over.form ?? "envelope",
    take: async (line) => void lines.push(Buffer.from(line).toString()),
  });
  return { lines, report };
};

const signatures = async ({ repositories }: Bench, storage?: Storage) => {
  const lines: string[] = [];
  const take = async (line: Uint8Array): Promise<void> => void lines.push(Buffer.from(line).toString());
  const report = await downloadSignatures({ repositories })(ctx, { reference: REF, storage, take });
  return { lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), report };
};

const predicateOf = (line: string): unknown => {
  const { payload } = JSON.parse(line) as { payload: string };
  return (JSON.parse(Buffer.from(payload, "base64").toString()) as { predicate: unknown }).predicate;
};

/** Puts a statement under the `.att` tag, signed by nobody. */
const putEnvelope = async ({ repository, digest }: Bench, statement: Uint8Array): Promise<void> => {
  const paper = attestationLayer(legacyEnvelope(statement, Buffer.from("nobody")), REVIEW);
  await repository.writeBlob(ctx, paper.layer, paper.bytes);
  const tag = legacyTag(digest, "att");
  const { manifest, config } = appendLegacyLayers(await repository.readManifest(ctx, tag), [paper.layer]);
  await repository.writeBlob(ctx, config, config.bytes);
  await repository.writeManifest(ctx, manifest, tag);
};

describe("downloadAttestations", () => {
  it.each(["legacy", "bundle", "both"] as const)("gives one envelope for each, stored as %s", async (storage) => {
    const bench = await setUp();
    await bench.sign(storage);
    await bench.attest('{"ok":true}', REVIEW, storage);
    await bench.attest('{"ok":false}', REVIEW, storage);
    const { lines, report } = await attestations(bench);
    expect(lines.map(predicateOf)).toEqual(expect.arrayContaining([{ ok: true }, { ok: false }]));
    expect(lines).toHaveLength(2);
    expect(report).toMatchObject({ count: 2, left: 0, foreign: 0, unreadable: [], failures: [] });
    expect(lines.every((line) => line.startsWith('{"payloadType":"application/vnd.in-toto+json","payload":"'))).toBe(
      true,
    );
  });

  it("takes one type, by what the statement says and not by its carrier", async () => {
    const bench = await setUp();
    await bench.attest("{}", PREDICATE_TYPES.vuln);
    await putEnvelope(
      bench,
      writeStatement({
        subjects: [{ digest: bench.digest }],
        predicateType: PREDICATE_TYPES.openvex,
        predicate: Buffer.from("{}"),
      }),
    );
    expect((await attestations(bench, { predicateType: REVIEW })).lines).toEqual([]);
    expect((await attestations(bench, { predicateType: PREDICATE_TYPES.openvex })).lines).toHaveLength(1);
  });

  it("gives bundles as they are carried, on one line, and counts what has none", async () => {
    const bench = await setUp();
    await bench.attest('{"ok":true}');
    await bench.attest('{"ok":false}', REVIEW, "legacy");
    const { lines, report } = await attestations(bench, { form: "bundle" });
    expect(lines.map((line) => (JSON.parse(line) as { mediaType: string }).mediaType)).toEqual([MEDIA_TYPE.bundle]);
    expect(report).toMatchObject({ count: 1, left: 1 });
  });

  it("gives what is about another image, and says so", async () => {
    const bench = await setUp();
    const other = digestOf("another image");
    await putEnvelope(
      bench,
      writeStatement({ subjects: [{ digest: other }], predicateType: REVIEW, predicate: Buffer.from("{}") }),
    );
    expect((await attestations(bench)).report).toMatchObject({ count: 1, foreign: 1 });
  });

  it("puts what spans lines on one, without changing what it says", async () => {
    const bench = await setUp();
    await pushPrettyBundle(bench);
    const { lines } = await attestations(bench, { form: "bundle" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    expect(lines[0]).toContain('"hint": "a\\nb"');
  });

  it("hands on what can be read, and reports what cannot", async () => {
    const bench = await setUp((one) => ({
      ...one,
      listReferrers: () => Promise.reject(new WaybillError("REGISTRY_THROTTLED", "429")),
    }));
    // Written before the list fails: only the legacy form can be read.
    await putEnvelope(
      bench,
      writeStatement({ subjects: [{ digest: bench.digest }], predicateType: REVIEW, predicate: Buffer.from("{}") }),
    );
    const { report } = await attestations(bench);
    expect(report.count).toBe(1);
    expect(report.failures.map(({ code }) => code)).toEqual(["REGISTRY_THROTTLED"]);
  });
});

const pushPrettyBundle = async ({ repository, digest }: Bench): Promise<void> => {
  const payload = writeStatement({
    subjects: [{ digest }],
    predicateType: REVIEW,
    predicate: Buffer.from("{}"),
  });
  const written = writeBundle({
    payloadType: MEDIA_TYPE.inToto,
    payload,
    signature: Buffer.from("nobody"),
    publicKeySpki: Buffer.from("nobody"),
  });
  const document = JSON.parse(Buffer.from(written).toString()) as { verificationMaterial: object };
  document.verificationMaterial = { publicKey: { hint: "a\nb" } };
  const pretty = Buffer.from(JSON.stringify(document, null, 2));
  const bundle = { digest: digestOf(pretty), size: pretty.byteLength };
  await repository.writeBlob(ctx, bundle, pretty);
  const raw = await repository.readManifest(ctx, digest);
  if (raw === undefined) throw new TypeError("no image");
  await repository.writeReferrers(ctx, digest, [
    writeBundleManifest({ bundle, predicateType: REVIEW, subject: manifestDescriptor(raw) }),
  ]);
};

describe("downloadSignatures", () => {
  it("gives bundles where there are any, as cosign, and says what is left", async () => {
    const bench = await setUp();
    await bench.sign();
    await bench.attest("{}");
    const { lines, report } = await signatures(bench);
    expect(lines.map(({ mediaType }) => mediaType)).toEqual([MEDIA_TYPE.bundle]);
    expect(report).toMatchObject({ count: 1, left: 1 });
  });

  it("gives cosign's members of a legacy signature", async () => {
    const bench = await setUp();
    await bench.sign("legacy");
    const { lines } = await signatures(bench);
    expect(Object.keys(lines[0] ?? {})).toEqual([
      "Base64Signature",
      "Payload",
      "Cert",
      "Chain",
      "Bundle",
      "RFC3161Timestamp",
    ]);
    const payload = Buffer.from(String(lines[0]?.["Payload"]), "base64").toString();
    expect(payload).toContain(`"docker-manifest-digest":"${bench.digest}"`);
    expect(lines[0]).toMatchObject({ Cert: null, Chain: null, Bundle: null, RFC3161Timestamp: null });
  });

  it("gives the certificates and proofs that a layer carries", async () => {
    const bench = await setUp();
    await bench.sign("legacy");
    await annotate(bench, {
      "dev.sigstore.cosign/certificate": "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n",
      "dev.sigstore.cosign/chain":
        "-----BEGIN CERTIFICATE-----\nBAUG\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nBwgJ\n-----END CERTIFICATE-----",
      "dev.sigstore.cosign/bundle": '{"SignedEntryTimestamp":"AA==","Payload":{"logIndex":7}}',
      "dev.sigstore.cosign/rfc3161timestamp": "not json",
    });
    const { lines } = await signatures(bench);
    expect(lines[0]).toMatchObject({
      Cert: { Raw: "AQID" },
      Chain: [{ Raw: "BAUG" }, { Raw: "BwgJ" }],
      Bundle: { SignedEntryTimestamp: "AA==", Payload: { logIndex: 7 } },
      RFC3161Timestamp: null,
    });
  });

  it("gives the form that was asked for, or both", async () => {
    const bench = await setUp();
    await bench.sign();
    expect((await signatures(bench, "legacy")).lines.map((line) => "Payload" in line)).toEqual([true]);
    expect((await signatures(bench, "both")).lines).toHaveLength(2);
  });
});

/** Adds annotations to the layer of the `.sig` tag. */
const annotate = async (
  { repository, digest }: Bench,
  annotations: Readonly<Record<string, string>>,
): Promise<void> => {
  const tag = legacyTag(digest, "sig");
  const raw = await repository.readManifest(ctx, tag);
  const document = JSON.parse(Buffer.from(raw?.bytes ?? "").toString()) as { layers: { annotations: object }[] };
  for (const layer of document.layers) Object.assign(layer.annotations, annotations);
  const manifest = rawManifest(Buffer.from(JSON.stringify(document)), MEDIA_TYPE.ociManifest);
  await repository.writeManifest(ctx, manifest, tag);
};

describe("downloadSbom", () => {
  const download = ({ repositories }: Bench, predicateType?: string) =>
    downloadSbom({ repositories })(ctx, { reference: REF, predicateType });

  it("gives the attested document to the byte", async () => {
    const bench = await setUp();
    const text = '{ "bomFormat":"CycloneDX",\n "n": 1.0 }';
    await bench.attest(text, PREDICATE_TYPES.cyclonedx);
    const found = await download(bench);
    expect(Buffer.from(found.bytes).toString()).toBe(text);
    expect(found).toMatchObject({ from: "attestation", type: PREDICATE_TYPES.cyclonedx, others: [] });
  });

  it("prefers what is attached, unless a type is asked for", async () => {
    const bench = await setUp();
    await bench.attest('{"attested":true}', PREDICATE_TYPES.cyclonedx);
    await attachSbom(bench, ["attached"]);
    const attached = await download(bench);
    expect(Buffer.from(attached.bytes).toString()).toBe("attached");
    expect(attached).toMatchObject({ from: "attachment", type: "text/spdx" });
    expect((await download(bench, PREDICATE_TYPES.cyclonedx)).from).toBe("attestation");
  });

  it("gives the newest of several by their own times, and names the others", async () => {
    const bench = await setUp();
    await bench.attest('{"metadata":{"timestamp":"2026-02-01T00:00:00Z"}}', PREDICATE_TYPES.cyclonedx);
    await bench.attest('{"creationInfo":{"created":"2026-03-01T00:00:00Z"}}', PREDICATE_TYPES.spdx);
    await bench.attest('{"metadata":{}}', PREDICATE_TYPES.cyclonedx);
    const found = await download(bench);
    expect(found.type).toBe(PREDICATE_TYPES.spdx);
    expect(found.others.map(({ time }) => time)).toEqual(["2026-02-01T00:00:00Z", ""]);
  });

  it("gives SPDX tag-value as text", async () => {
    const bench = await setUp();
    await bench.attest('"SPDXVersion: SPDX-2.3\\nCreated: 2026-01-01T00:00:00Z\\n"', PREDICATE_TYPES.spdx);
    expect(Buffer.from((await download(bench)).bytes).toString()).toBe(
      "SPDXVersion: SPDX-2.3\nCreated: 2026-01-01T00:00:00Z\n",
    );
  });

  it("finds none where there is none, and does not take one of another image", async () => {
    const bench = await setUp();
    await putEnvelope(
      bench,
      writeStatement({
        subjects: [{ digest: digestOf("another image") }],
        predicateType: PREDICATE_TYPES.cyclonedx,
        predicate: Buffer.from("{}"),
      }),
    );
    expect(await codeOfPromise(download(bench))).toBe("NOT_FOUND");
  });

  it("refuses an attachment of several documents", async () => {
    const bench = await setUp();
    await attachSbom(bench, ["one", "two"]);
    expect(await codeOfPromise(download(bench))).toBe("INPUT_INVALID");
  });
});

const attachSbom = async ({ repository, digest }: Bench, documents: readonly string[]): Promise<void> => {
  const layers = documents.map((text) => ({
    mediaType: "text/spdx",
    digest: digestOf(text),
    size: Buffer.byteLength(text),
  }));
  for (const [at, layer] of layers.entries()) await repository.writeBlob(ctx, layer, Buffer.from(documents[at] ?? ""));
  const { manifest, config } = appendLegacyLayers(undefined, layers);
  await repository.writeBlob(ctx, config, config.bytes);
  await repository.writeManifest(ctx, manifest, legacyTag(digest, "sbom"));
};

describe("locateTag and generatePayload", () => {
  it("names the tags, whether they are there or not", async () => {
    const { repositories, digest } = await setUp();
    const tag = (kind: "signature" | "attestation" | "sbom" | "digest", reference = REF) =>
      locateTag({ repositories })(ctx, { reference, kind });
    const base = `${NAME}:${digest.replace(":", "-")}`;
    expect(await tag("signature")).toBe(`${base}.sig`);
    expect(await tag("attestation")).toBe(`${base}.att`);
    expect(await tag("sbom")).toBe(`${base}.sbom`);
    expect(await tag("digest")).toBe(`${NAME}@${digest}`);
    const absent = digestOf("not there");
    expect(await tag("signature", `${NAME}@${absent}`)).toBe(`${NAME}:${absent.replace(":", "-")}.sig`);
    expect(await codeOfPromise(tag("signature", `${NAME}:2.0`))).toBe("NOT_FOUND");
  });

  it("generates the very bytes that sign signs", async () => {
    const bench = await setUp();
    const payload = await generatePayload(bench)(ctx, { reference: REF, annotations: { tenant_id: "t-1" } });
    await bench.sign("legacy");
    const { lines } = await signatures(bench);
    expect(lines[0]?.["Payload"]).toBe(Buffer.from(payload).toString("base64"));
  });
});
