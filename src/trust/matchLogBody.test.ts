import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeBase64 } from "#claims/base64.ts";
import type { LogEntry } from "#claims/logEntry.ts";
import { isFault } from "#trust/fault.ts";
import { verifyLogEntry } from "#trust/logProof.ts";
import type { VerifiedLogEntry } from "#trust/logProof.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import { createSigner, writeBody } from "../../test/fakes/logBodies.ts";
import type { BodyKind, SignerKind, ThingSigner } from "../../test/fakes/logBodies.ts";
import { createTestLog, LOGGED_AT } from "../../test/fakes/testLog.ts";
import type { TestLog } from "../../test/fakes/testLog.ts";

const PAYLOAD = Buffer.from(`{"_type":"https://in-toto.io/Statement/v1"}`);
const OTHER = Buffer.from(`{"_type":"https://in-toto.io/Statement/v1","subject":[]}`);

const MESSAGE_KINDS: readonly BodyKind[] = ["hashedrekord 0.0.1", "rekord 0.0.1", "hashedrekord 0.0.2"];
const DSSE_KINDS: readonly BodyKind[] = [
  "dsse 0.0.1",
  "intoto 0.0.1",
  "intoto 0.0.2",
  "hashedrekord 0.0.2",
  "dsse 0.0.2",
];

const generationOf = (kind: BodyKind): 1 | 2 => (kind === "hashedrekord 0.0.2" || kind === "dsse 0.0.2" ? 2 : 1);
const logOf = (kind: BodyKind): TestLog =>
  generationOf(kind) === 1 ? createTestLog() : createTestLog({ generation: 2, curve: "ed25519" });

const demand = (verdict: ReturnType<typeof verifyLogEntry>): VerifiedLogEntry => {
  if (isFault(verdict)) throw new Error(`${verdict.code}: ${verdict.reason}`);
  return verdict;
};
const codeOf = (verdict: ReturnType<typeof verifyLogEntry>): string => (isFault(verdict) ? verdict.code : "accepted");

/** Both bodies of a thing, as a message and as an envelope. */
const CASES = [
  ...MESSAGE_KINDS.map((kind) => ({ kind, of: "message" as const })),
  ...DSSE_KINDS.map((kind) => ({ kind, of: "dsse" as const })),
];

const make = (signer: ThingSigner, of: "message" | "dsse", payload = PAYLOAD): SignedThing =>
  of === "dsse" ? signer.dsse(payload) : signer.message(payload);

const [keyed, certified, another] = [createSigner("p256"), createSigner("certificate"), createSigner("p256")];

describe.each(CASES)("a log entry $kind of a $of", ({ kind, of }) => {
  const log = logOf(kind);
  const verify = (body: Uint8Array, thing: SignedThing): string =>
    codeOf(verifyLogEntry(log.log(body), thing, [log.root]));

  it.each([
    ["key", keyed],
    ["certificate", certified],
  ])("is verified for the %s that signed", (_, signer) => {
    const thing = make(signer, of);
    const entry = log.log(writeBody(kind, thing));
    const verified = demand(verifyLogEntry(entry, thing, [log.root], [LOGGED_AT]));
    expect(verified).toMatchObject({ log: log.trusted, root: "root of log.example", kind, inclusionProof: true });
    expect(verified.treeSize).toBe(entry.proof?.treeSize);
    expect(verified.index).toBe(entry.index);
    const isFirst = generationOf(kind) === 1;
    expect(verified.promise).toBe(isFirst);
    expect(verified.integratedTime).toEqual(isFirst ? LOGGED_AT : undefined);
    expect(verified.origin).toBe(isFirst ? "log.example - 2605736670972794746" : "log.example");
  });

  // Attack 15, CVE-2022-23649, CVE-2022-36056, CVE-2026-22703: a good entry of something else.
  it("is no entry of another signature over the same content by the same key", () => {
    const [thing, twin] = [make(keyed, of), make(keyed, of)];
    expect(thing.signature).not.toEqual(twin.signature);
    // The first in-toto kind keeps no signature: there the whole envelope is another.
    const code = kind === "intoto 0.0.1" ? "log-body-digest" : "log-body-signature";
    expect(verify(writeBody(kind, thing), twin)).toBe(code);
  });

  it("is no entry of another key, or of a certificate for the key", () => {
    const thing = make(keyed, of);
    const body = writeBody(kind, thing);
    expect(verify(body, { ...thing, verifier: make(another, of).verifier })).toBe("log-body-key");
    expect(verify(body, { ...thing, verifier: make(certified, of).verifier })).toBe("log-body-key");
    const signed = make(certified, of);
    if (signed.verifier.kind !== "certificate") throw new TypeError("no certificate");
    const bare = { kind: "key", key: signed.verifier.certificate.key } as const;
    expect(verify(writeBody(kind, signed), { ...signed, verifier: bare })).toBe("log-body-key");
  });

  it("is no entry of other content", () => {
    const [thing, other] = [make(keyed, of), make(keyed, of, OTHER)];
    const forged = { ...other, signature: thing.signature, content: withSignature(other, thing.signature) };
    expect(verify(writeBody(kind, forged), thing)).toBe("log-body-digest");
  });
});

/** The content of a thing with one signature, another one. */
const withSignature = ({ content }: SignedThing, sig: Uint8Array): SignedThing["content"] =>
  content.kind === "dsse"
    ? { ...content, envelope: { ...content.envelope, signatures: [{ keyid: "", sig }] } }
    : content;

describe("a log entry by any kind of key", () => {
  const cases = (["p384", "p521", "ed25519", "ed25519ph", "rsa"] as const).flatMap((signer) =>
    CASES.map((one) => ({ ...one, signer })),
  );
  it.each(cases)("$kind of a $of by $signer", ({ kind, of, signer }) => {
    const log = logOf(kind);
    const thing = make(createSigner(signer), of);
    expect(codeOf(verifyLogEntry(log.log(writeBody(kind, thing)), thing, [log.root]))).toBe("accepted");
  });

  it("names the hash and the algorithm that go with the signature", () => {
    const log = createTestLog({ generation: 2 });
    const wrong = (signer: SignerKind, from: string, to: string): string => {
      const thing = createSigner(signer).message(PAYLOAD);
      const body = edit(writeBody("hashedrekord 0.0.2", thing), from, to);
      return codeOf(verifyLogEntry(log.log(body), thing, [log.root]));
    };
    expect(wrong("ed25519", "PKIX_ED25519", "PKIX_ED25519_PH")).toBe("log-body-key");
    expect(wrong("ed25519ph", "PKIX_ED25519_PH", "PKIX_ED25519")).toBe("log-body-key");
    expect(wrong("p384", "P384_SHA_384", "P384_SHA_256")).toBe("log-body-key");
    expect(wrong("p256", "P256_SHA_256", "P384_SHA_384")).toBe("log-body-key");
    expect(wrong("rsa", "V15_2048", "V15_4096")).toBe("log-body-key");
    expect(wrong("rsa", "PKCS1V15_2048", "PSS_2048")).toBe("log-body-key");
    expect(wrong("p256", "PKIX_ECDSA_P256_SHA_256", "toString")).toBe("log-body-key");
  });

  it("is over no other hash than the signature", () => {
    const log = createTestLog();
    const thing = createSigner("p384").message(PAYLOAD);
    const digest = createSigner("p256").message(PAYLOAD);
    const [own, short] = [thing, digest].map((one) => Buffer.from(writeBody("hashedrekord 0.0.1", one)).toString());
    const hashOf = (text = ""): string => /"hash":\{[^}]*\}/.exec(text)?.[0] ?? "";
    const body = edit(Buffer.from(own ?? ""), hashOf(own), hashOf(short));
    expect(codeOf(verifyLogEntry(log.log(body), thing, [log.root]))).toBe("log-body-digest");
  });
});

/** The text with one thing changed. */
const edit = (bytes: Uint8Array, from: string | RegExp, to: string): Buffer => {
  const text = Buffer.from(bytes).toString();
  const edited = text.replace(from, to);
  if (edited === text) throw new TypeError(`nothing to change in ${text}`);
  return Buffer.from(edited);
};

describe("the body of a log entry", () => {
  const log = createTestLog();
  const thing = keyed.dsse(PAYLOAD);
  const body = writeBody("dsse 0.0.1", thing);
  const verify = (changed: Partial<LogEntry>): string => {
    const entry = { ...log.log(body), ...changed };
    return codeOf(verifyLogEntry(entry, thing, [log.root]));
  };

  it("is of a kind that is known, and of the kind that the bundle says", () => {
    const strange = log.log(edit(body, '"dsse"', '"helm"'));
    expect(verifyLogEntry(strange, thing, [log.root])).toEqual({
      code: "log-body-kind",
      reason: 'its log entry is of the kind "helm 0.0.1", which is not known',
    });
    expect(codeOf(verifyLogEntry(log.log(edit(body, "0.0.1", "0.0.9")), thing, [log.root]))).toBe("log-body-kind");
    expect(verify({ kind: "hashedrekord" })).toBe("log-body-kind");
    expect(verify({ version: "0.0.2" })).toBe("log-body-kind");
    expect(verify({ kind: undefined })).toBe("log-body-kind");
    expect(verify({ version: undefined })).toBe("log-body-kind");
  });

  it.each([
    ["nothing", undefined],
    ["no JSON", Buffer.from("kind: dsse")],
    ["no object", Buffer.from("[]")],
    ["a name twice", edit(body, '{"apiVersion"', '{"kind":"dsse","apiVersion"')],
    ["no spec", edit(body, '"spec"', '"spek"')],
    ["a spec that is a text", Buffer.from('{"apiVersion":"0.0.1","kind":"dsse","spec":"x"}')],
    ["no signatures", edit(body, /"signatures":\[.*\]/, '"signatures":[]')],
    ["signatures that are none", edit(body, /"signatures":\[.*\]/, '"signatures":[1]')],
    ["more signatures than there can be", edit(body, /"signatures":\[(.*)\]/, `"signatures":[$1${",{}".repeat(32)}]`)],
    ["a signature that is no base64", edit(body, '"signature":"', '"signature":"*')],
    ["an empty signature", edit(body, /"signature":"[^"]*"/, '"signature":""')],
    ["a verifier that is no PEM", edit(body, /"verifier":"[^"]*"/, '"verifier":"QUJD"')],
    ["a verifier that is a number", edit(body, /"verifier":"[^"]*"/, '"verifier":1')],
    ["a hash that is cut off", edit(body, /("payloadHash":.*?"value":")../, "$1")],
    ["a hash in capitals", edit(body, /("payloadHash":.*?"value":")[0-9a-f]{64}/, `$1${"AB".repeat(32)}`)],
    ["an unknown hash", edit(body, /("payloadHash":\{"algorithm":")sha256/, "$1sha1")],
    ["a hash by an inherited name", edit(body, /("payloadHash":\{"algorithm":")sha256/, "$1toString")],
    ["too many bytes", Buffer.concat([body, Buffer.alloc(1024 * 1024, " ")])],
  ])("is refused with %s", (_, bytes) => {
    expect(verify({ body: bytes })).toBe("log-body");
  });

  it("is refused with two keys in one PEM", () => {
    const pem = Buffer.from(/"verifier":"([^"]*)"/.exec(String(body))?.[1] ?? "", "base64");
    const twice = encodeBase64(Buffer.concat([pem, pem]));
    expect(verify({ body: edit(body, /"verifier":"[^"]*"/, `"verifier":"${twice}"`) })).toBe("log-body");
  });

  it("is refused with both a key and a certificate, or neither", () => {
    const tiles = writeBody("dsse 0.0.2", thing);
    const read = (changed: Uint8Array): string => codeOf(verifyLogEntry(log.log(changed), thing, [log.root]));
    expect(read(edit(tiles, '"publicKey"', '"x509Certificate":{"rawBytes":"AA=="},"publicKey"'))).toBe("log-body");
    expect(read(edit(tiles, '"publicKey"', '"nothing"'))).toBe("log-body");
    expect(read(edit(tiles, "SHA2_256", "SHA2_512"))).toBe("log-body");
    expect(read(edit(tiles, "SHA2_256", "SHA3_256"))).toBe("log-body");
  });

  it("is refused in a format that none of our keys make", () => {
    const message = keyed.message(PAYLOAD);
    const rekord = edit(writeBody("rekord 0.0.1", message), '"x509"', '"pgp"');
    expect(codeOf(verifyLogEntry(log.log(rekord), message, [log.root]))).toBe("log-body");
  });

  it("is about one signature of several, if the envelope has all that it names", () => {
    const shared = keyed.dsse(PAYLOAD, [another]);
    const sole = writeBody("dsse 0.0.1", shared);
    demand(verifyLogEntry(log.log(sole), shared, [log.root]));
    const foreign = writeBody("dsse 0.0.1", another.dsse(PAYLOAD));
    const [, signature = ""] = /"signatures":\[(.*)\]/.exec(String(foreign)) ?? [];
    const both = edit(sole, '"signatures":[', `"signatures":[${signature},`);
    expect(codeOf(verifyLogEntry(log.log(both), shared, [log.root]))).toBe("log-body-signature");
  });

  it("of the first in-toto kind is about the envelope as it was carried, or as cosign writes it", () => {
    const bytes = Buffer.from("another spelling of the envelope");
    const content = { ...thing.content, bytes } as SignedThing["content"];
    const written = writeBody("intoto 0.0.1", thing);
    demand(verifyLogEntry(log.log(written), { ...thing, content }, [log.root]));
    const hash = createHash("sha256").update(bytes).digest("hex");
    const ofBytes = log.log(edit(written, /("hash":\{"algorithm":"sha256","value":")[0-9a-f]{64}/, `$1${hash}`));
    demand(verifyLogEntry(ofBytes, { ...thing, content }, [log.root]));
    expect(codeOf(verifyLogEntry(ofBytes, thing, [log.root]))).toBe("log-body-digest");
    // Older entries have no hash of the payload, and one that is there counts.
    demand(verifyLogEntry(log.log(edit(written, /,"payloadHash":\{[^}]*\}/, "")), thing, [log.root]));
    const other = log.log(edit(written, /("payloadHash":\{[^}]*"value":")[0-9a-f]{64}/, `$1${hash}`));
    expect(codeOf(verifyLogEntry(other, thing, [log.root]))).toBe("log-body-digest");
  });

  it.each(["hashedrekord 0.0.1", "rekord 0.0.1"] as const)("of the kind %s is about no envelope", (kind) => {
    expect(codeOf(verifyLogEntry(log.log(writeBody(kind, thing)), thing, [log.root]))).toBe("log-body-kind");
  });

  it("about an envelope is not about a message", () => {
    const message = { ...keyed.message(PAYLOAD), signature: thing.signature };
    expect(codeOf(verifyLogEntry(log.log(body), message, [log.root]))).toBe("log-body-digest");
  });
});
