import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isFault } from "#trust/fault.ts";
import { readSpki } from "#trust/publicKey.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { verifyScts } from "#trust/signedCertificateTimestamp.ts";
import type { TrustRoot, Window } from "#trust/trustRoot.ts";
import { caExtensions, leafExtensions, makeCertificate, makeKeys } from "../../test/fakes/makeCertificate.ts";
import type { Keys } from "../../test/fakes/makeCertificate.ts";
import { logIdOf, makeSct, sctExtension, sctList, signSct, vector } from "../../test/fakes/makeSct.ts";
import type { SctWish } from "../../test/fakes/makeSct.ts";

const AT = new Date("2026-06-01T00:00:00Z");
const TIME = new Date("2026-05-01T12:00:00.123Z");
const keys = makeKeys();
const one = makeKeys();
const two = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = makeKeys();

const ca = makeCertificate({ subject: "ca", extensions: caExtensions() });
const issuer = readCertificate(ca.der);
const leafWith = (extensions: readonly Buffer[]) =>
  readCertificate(makeCertificate({ subject: "", keys, issuer: ca, extensions }).der);

const entry = { tbs: leafWith(leafExtensions()).tbs, issuerSpki: issuer.key.spki };
const sctOf = (wish: Partial<SctWish> = {}) => makeSct({ keys: one, time: TIME, entry, ...wish });
const [first, ...rest] = leafExtensions();
if (first === undefined) throw new Error("a leaf has extensions");
/** The list stands between the others, so that what is left must be put together. */
const leafOf = (...scts: readonly Buffer[]) => leafWith([first, sctList(...scts), ...rest]);

const ALWAYS: Window = { start: new Date("2026-01-01T00:00:00Z"), end: undefined };
const rootOf = (source: string, logs: readonly (readonly [Keys, Window])[]): TrustRoot => ({
  source,
  published: undefined,
  certificateAuthorities: [],
  timestampAuthorities: [],
  logs: [],
  ctLogs: logs.map(([pair, window], index) => ({
    uri: `https://ct${index}.test`,
    logId: logIdOf(pair),
    keyId: logIdOf(pair),
    origin: "",
    key: readSpki(pair.publicKey.export({ type: "spki", format: "der" }), "a log"),
    window,
    operator: undefined,
  })),
});
const ROOTS = [rootOf("a.json", [[one, ALWAYS]]), rootOf("b.json", [[two, ALWAYS]])];

const verify = (leaf = leafOf(sctOf()), { detached, roots = ROOTS, at = AT, by = issuer }: Verify = {}) => {
  const found = verifyScts(leaf, by, roots, { detached, at });
  return isFault(found)
    ? `${found.code}: ${found.reason}`
    : found.map(({ root, form, time, log }) => `${root} ${log.uri} ${form} ${time.toISOString()}`);
};
interface Verify {
  readonly detached?: Uint8Array;
  readonly roots?: readonly TrustRoot[];
  readonly at?: Date;
  readonly by?: typeof issuer;
}
const FOUND = "a.json https://ct0.test embedded 2026-05-01T12:00:00.123Z";

describe("verifyScts", () => {
  it("finds a promise within the certificate, wherever it stands and whatever extensions it has", () => {
    expect(verify()).toEqual([FOUND]);
    const extensions = Buffer.from("0000050000000070", "hex");
    expect(verify(leafOf(sctOf({ extensions })))).toEqual([FOUND]);
    expect(verify(leafWith([...leafExtensions(), sctList(sctOf())]))).toEqual([FOUND]);
  });

  it("counts each log once, and lets those of unknown logs be", () => {
    const found = verify(leafOf(sctOf({ keys: stranger }), sctOf(), sctOf({ keys: two }), sctOf()));
    expect(found).toEqual([FOUND, "b.json https://ct0.test embedded 2026-05-01T12:00:00.123Z"]);
  });

  it("takes detached ones over the whole certificate, as structure or as JSON", () => {
    const leaf = leafWith(leafExtensions());
    const wish: SctWish = { keys: one, time: TIME, entry: { der: leaf.der }, extensions: Buffer.from([1, 2]) };
    const json = {
      sct_version: 0,
      id: logIdOf(one).toString("base64"),
      timestamp: TIME.getTime(),
      extensions: "AQI=",
      signature: signSct(wish).toString("base64"),
    };
    const detached = [FOUND.replace("embedded", "detached")];
    const verifyJson = (change: object) =>
      verify(leaf, { detached: Buffer.from(JSON.stringify({ ...json, ...change })) });
    expect(verify(leaf, { detached: makeSct(wish) })).toEqual(detached);
    expect(verifyJson({})).toEqual(detached);
    expect(verifyJson({ extensions: undefined })).toMatch(/^sct-signature/);
    expect(verifyJson({ id: "AQI=" })).toMatch(/^sct-malformed: .*no id/);
    expect(verifyJson({ timestamp: "1" })).toMatch(/^sct-malformed: .*no timestamp/);
    expect(verifyJson({ sct_version: 1 })).toMatch(/^sct-malformed: .*version/);
    expect(verifyJson({ signature: "!" })).toMatch(/^sct-malformed: .*no base64 for signature/);
    expect(verify(leaf, { detached: Buffer.from("[]") })).toMatch(/^sct-malformed: .*neither/);
    expect(verify(leaf, { detached: Buffer.alloc(300_000, " ") })).toMatch(/^sct-malformed: .*300000 bytes/);
    // A promise about what was to become the certificate is none about the certificate.
    expect(verify(leaf, { detached: sctOf() })).toMatch(/^sct-signature/);
  });

  it("says what is missing", () => {
    expect(verify(leafWith(leafExtensions()))).toMatch(/^sct-missing: .*no proof \(SCT\)/);
    expect(verify(leafOf(sctOf({ keys: stranger })))).toMatch(/^sct-unknown-log: .*no trusted root names/);
    expect(verify(undefined, { roots: [] })).toMatch(/^sct-unknown-log/);
  });

  it("refuses a promise of a trusted log that it did not make, beside a good one too", () => {
    const forged = sctOf({
      entry: { ...entry, issuerSpki: stranger.publicKey.export({ type: "spki", format: "der" }) },
    });
    expect(verify(leafOf(forged))).toMatch(/^sct-signature: .*https:\/\/ct0.test/);
    expect(verify(leafOf(sctOf({ keys: two }), forged))).toMatch(/^sct-signature/);
    expect(
      verify(undefined, { by: readCertificate(makeCertificate({ subject: "ca", extensions: caExtensions() }).der) }),
    ).toMatch(/^sct-signature/);
    expect(verify(leafWith([...leafExtensions("https://example.test/other"), sctList(sctOf())]))).toMatch(
      /^sct-signature/,
    );
    expect(verify(leafOf(sctOf({ algorithm: [4, 1] })))).toMatch(/^sct-signature/);
  });

  it("holds the promise's time against the log's validity and the moment of verification", () => {
    const window = (start: string, end: string) =>
      verify(undefined, { roots: [rootOf("a.json", [[one, { start: new Date(start), end: new Date(end) }]])] });
    expect(window(TIME.toISOString(), TIME.toISOString())).toEqual([FOUND]);
    expect(window("2026-01-01T00:00:00Z", "2026-05-01T12:00:00.122Z")).toMatch(
      /^sct-log-window: .*2026-05-01T12:00:00.123Z/,
    );
    expect(window("2026-05-01T12:00:00.124Z", "2026-12-01T00:00:00Z")).toMatch(/^sct-log-window/);
    const ended: Window = { start: undefined, end: new Date("2026-02-01T00:00:00Z") };
    expect(verify(undefined, { roots: [rootOf("old.json", [[one, ended]]), ...ROOTS] })).toEqual([FOUND]);
    expect(verify(undefined, { at: TIME })).toEqual([FOUND]);
    expect(verify(undefined, { at: new Date(TIME.getTime() - 1) })).toMatch(/^sct-future/);
    const never = sctOf();
    never.writeBigUInt64BE(2n ** 64n - 1n, 33);
    expect(verify(leafOf(never))).toMatch(/^sct-signature/);
  });

  it.each([
    ["an unknown version", sctList(sctOf({ version: 1 }))],
    ["neither RSA nor ECDSA", sctList(sctOf({ algorithm: [5, 3] }))],
    ["breaks off", sctList(sctOf().subarray(0, 40))],
    ["bytes after its end", sctList(Buffer.concat([sctOf(), Buffer.alloc(1)]))],
    ["bytes after its end", sctExtension(Buffer.concat([vector(vector(sctOf())), Buffer.alloc(1)]))],
    ["is empty", sctList()],
    ["more than 16", sctList(...Array.from({ length: 17 }, () => sctOf()))],
  ])("refuses a list that has or is: %s", (reason, list) => {
    expect(verify(leafWith([...leafExtensions(), list]))).toMatch(new RegExp(`^sct-malformed: .*${reason}`));
  });
});
