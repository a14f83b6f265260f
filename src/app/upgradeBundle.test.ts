import { describe, expect, it } from "vitest";
import { createBundle } from "#app/createBundle.ts";
import { upgradeBundle } from "#app/upgradeBundle.ts";
import { encodeBase64 } from "#claims/base64.ts";
import { readBundleContent } from "#claims/bundleContent.ts";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import { writeLocalBundle } from "#claims/localBundle.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeStatement } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { formatPublicKey } from "#trust/publicKey.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestKey } from "../../test/fakes/testKey.ts";

const FILE = Buffer.from("a file that is signed");
const OTHER = Buffer.from("another one");
const key = createTestKey();
const stranger = createTestKey("stranger");
const signature = key.sign(FILE);
const pem = formatPublicKey(key.trusted.key);

const statement = (predicateType: string, file = FILE): Uint8Array =>
  writeStatement({ subjects: [{ digest: digestOf(file) }], predicateType, predicate: Buffer.from("{}") });
const envelope = (payload: Uint8Array, ...signers: readonly (typeof key)[]): Uint8Array =>
  writeEnvelope(
    MEDIA_TYPE.inToto,
    payload,
    signers.map((one) => ({ keyid: "", sig: one.sign(pae(MEDIA_TYPE.inToto, payload)) })),
  );

const files = (papers: Readonly<Record<string, Uint8Array>> = {}) => ({
  open: async function* (_: unknown, path: string) {
    yield path === "file" ? FILE : OTHER;
  },
  readPaper: async (_: unknown, path: string) => {
    const bytes = papers[path];
    if (bytes === undefined) throw new WaybillError("NOT_FOUND", path);
    return bytes;
  },
  write: () => Promise.reject(new TypeError("nothing is written")),
});

interface Wish {
  readonly by?: typeof key;
  readonly artifact?: string;
}
const upgrade = (bytes: Uint8Array, { by, artifact }: Wish = {}) =>
  upgradeBundle({ files: files() })(testCtx(), {
    name: "old",
    bytes,
    leafOnly: false,
    trust: by === undefined ? undefined : { keys: [by.trusted] },
    artifact,
  });
const local = (more: object = {}) => Buffer.from(JSON.stringify({ base64Signature: encodeBase64(signature), ...more }));
const contentOf = (outcome: { readonly kind: string; readonly bytes?: Uint8Array }) =>
  readBundleContent(outcome.bytes ?? new Uint8Array());

describe("upgradeBundle", () => {
  it("makes a bundle of cosign's old file with the key that is given, or the one in it", async () => {
    const named = writeLocalBundle(signature, pem);
    for (const made of [
      await upgrade(local(), { by: key, artifact: "file" }),
      await upgrade(named, { artifact: "file" }),
    ])
      expect(contentOf(made)).toMatchObject({
        kind: "message",
        signature: Buffer.from(signature),
        material: "public-key",
      });
    expect(await upgrade(named, { by: stranger, artifact: "file" })).toMatchObject({ kind: "refused" });
    expect(await upgrade(named, { artifact: "other" })).toMatchObject({ kind: "refused", name: "old" });
  });

  it("wants the key and the file where nothing names them", async () => {
    expect(await codeOfPromise(upgrade(local(), { artifact: "file" }))).toBe("USAGE_INVALID");
    expect(await codeOfPromise(upgrade(local(), { by: key }))).toBe("USAGE_INVALID");
  });

  it("takes a statement without its file, and with it only if it names it", async () => {
    const signed = envelope(statement("https://a.example/t"), key);
    const old = writeLocalBundle(signed, pem);
    expect(contentOf(await upgrade(old))).toMatchObject({ kind: "dsse" });
    expect(contentOf(await upgrade(old, { artifact: "file" }))).toMatchObject({ kind: "dsse" });
    expect(await upgrade(old, { artifact: "other" })).toMatchObject({ kind: "refused" });
    expect(await upgrade(old, { by: stranger })).toMatchObject({ kind: "refused" });
  });

  it.each([
    [
      "a log entry, which has no proof",
      local({ rekorBundle: { SignedEntryTimestamp: "AA==", Payload: { body: "AA==" } } }),
    ],
    [
      "a certificate",
      local({ cert: encodeBase64(Buffer.from("-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n")) }),
    ],
    ["two signatures", writeLocalBundle(envelope(statement("https://a.example/t"), key, stranger), pem)],
    ["none", writeLocalBundle(envelope(statement("https://a.example/t")), pem)],
    ["no bundle", Buffer.from("[]")],
  ])("refuses %s", async (_, bytes) => {
    expect(await codeOfPromise(upgrade(bytes, { by: key, artifact: "file" }))).toBe("INPUT_INVALID");
  });
});

describe("createBundle", () => {
  const create = (
    kind: "signature" | "attestation" | "bundle",
    bytes: Uint8Array,
    { by, artifact = "file" }: Wish = { by: key },
  ) =>
    createBundle({ files: files({ paper: bytes }) })(testCtx(), {
      artifact,
      paper: { kind, source: "paper" },
      trust: by === undefined ? undefined : { keys: [by.trusted] },
    });

  it("makes bundles of signatures in base64 and raw, to the byte", async () => {
    for (const bytes of [signature, Buffer.from(`${encodeBase64(signature)}\n`)])
      expect(contentOf(await create("signature", bytes))).toMatchObject({ signature: Buffer.from(signature) });
    expect(await create("signature", signature, { by: stranger })).toMatchObject({ kind: "refused", name: "paper" });
    expect(await create("signature", signature, { by: key, artifact: "other" })).toMatchObject({ kind: "refused" });
  });

  it("makes bundles of envelopes of every type that name the file", async () => {
    for (const type of ["https://a.example/t", SIGNATURE_TYPE])
      expect(contentOf(await create("attestation", envelope(statement(type), key)))).toMatchObject({ kind: "dsse" });
    const foreign = envelope(statement("https://a.example/t", OTHER), key);
    expect(await create("attestation", foreign)).toMatchObject({ kind: "refused" });
  });

  it("refuses what is no old bundle file, and a paper that nobody can have made", async () => {
    expect(await codeOfPromise(create("bundle", Buffer.from("{}")))).toBe("INPUT_INVALID");
    expect(await codeOfPromise(create("signature", signature, {}))).toBe("USAGE_INVALID");
    expect(contentOf(await create("bundle", writeLocalBundle(signature, pem), {}))).toMatchObject({ kind: "message" });
  });
});
