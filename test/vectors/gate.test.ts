import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim, DsseClaim } from "#claims/claim.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeSignatureStatement } from "#claims/statement.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isFault } from "#trust/fault.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";
import { verifyMessage } from "#trust/verifyMessage.ts";
import { verifyTimestamp } from "#trust/timestamp.ts";
import { writeBody } from "../fakes/logBodies.ts";
import { basicConstraints, CODE_SIGNING, extendedKeyUsage, keyUsage, TIME_STAMPING } from "../fakes/makeCertificate.ts";
import { makeAuthority, makeToken, trustIn } from "../fakes/makeTimestamp.ts";
import { bundleClaim, createTestKey } from "../fakes/testKey.ts";
import { codeOf } from "../fakes/codeOf.ts";
import { anyAttestation, attestation, image, judge, key, other, signature, statement, trust } from "./attackBench.ts";
import {
  AT,
  BUILDER,
  bundled,
  carrying,
  certify,
  exactly,
  like,
  messageOf,
  overFile,
  SIGNED_AT,
  stamp,
  thingOf,
  trusting,
  world,
} from "./keylessBench.ts";

// What general verifiers of Sigstore bundles let through, and this gate does not: the eleven items by their numbers
// (sigstore-js.md section 3). Each starts from a bundle that is accepted, and changes one thing.

const FILE = Buffer.from("a file");

const seeds = JSON.parse(readFileSync("node_modules/@sigstore/tuf/seeds.json", "utf8")) as Readonly<
  Record<string, { readonly targets: Readonly<Record<string, string>> }>
>;
const PUBLISHED = JSON.parse(
  Buffer.from(seeds["https://tuf-repo-cdn.sigstore.dev"]?.targets["trusted_root.json"] ?? "", "base64").toString(),
) as Readonly<Record<string, unknown>>;

const judgeFile = (claim: ReturnType<typeof overFile>, by = trusting(), file = FILE): RefusalCode | "accepted" => {
  const verdict = verifyMessage(claim, messageOf(file), by, { at: AT });
  return verdict.ok ? "accepted" : verdict.fault.code;
};

const judged = (claim: Claim, by = trusting()): RefusalCode | "accepted" => judge(claim, attestation, by);

describe("the gate's controls", () => {
  it("accept every kind of good proof", () => {
    for (const proofs of [["rekor"], ["tiles", "stamp"], ["rekor", "tiles", "stamp"]] as const) {
      expect(judged(bundled(statement(), proofs))).toBe("accepted");
      expect(judgeFile(overFile(FILE, proofs))).toBe("accepted");
    }
    expect(judged(bundleClaim(key, statement()), trust)).toBe("accepted");
  });
});

describe("gate item 1: an identity is a text, and a pattern is of all of it", () => {
  it.each([
    ["the pattern of everything, as a text", exactly(".*")],
    ["the name without its end", exactly(BUILDER.slice(0, -1))],
    ["the name and more", exactly(`${BUILDER}s`)],
    ["another spelling", exactly(BUILDER.replace("acme", "Acme"))],
    ["a pattern of its beginning", like("https://github\\.com/acme/app")],
    ["a pattern of its end", like("refs/heads/main")],
    ["a pattern that is anchored at one end", like("^https://github\\.com/acme/")],
    ["a second rule that does not hold", [...like("https://.*"), ...exactly("somebody")]],
  ])("%s", (_, subject) => {
    expect(judged(bundled(statement()), trusting({ identity: { subject } }))).toBe("identity-subject");
  });

  it("and the issuer is always compared, as the subject is", () => {
    for (const issuer of [exactly("https://accounts.example"), like("token"), []])
      expect(judged(bundled(statement()), trusting({ identity: { issuer } }))).toBe("identity-issuer");
    expect(judged(bundled(statement()), trusting({ identity: { subject: [] } }))).toBe("identity-subject");
  });
});

describe("gate item 2: what was asked for must have signed", () => {
  it("a key, not a certificate", () => {
    expect(judged(bundled(statement()), trust)).toBe("certificate-signed");
    expect(judgeFile(overFile(FILE), trust)).toBe("certificate-signed");
  });

  it("not even a certificate of the trusted key", () => {
    const holder = certify();
    const trusted = { name: "its own key", key: holder.certificate.key };
    expect(judged(bundled(statement(), ["rekor"], holder), { keys: [trusted] })).toBe("certificate-signed");
  });

  it("an identity, not a key", () => {
    expect(judged(bundleClaim(key, statement()), trusting())).toBe("key-signed");
  });

  it("and without anybody to be asked for, nobody", () => {
    expect(judged(bundled(statement()), { keys: [] })).toBe("wrong-key");
    expect(judged(bundled(statement()), { keys: [], certified: [] })).toBe("wrong-key");
  });
});

describe("gate item 3: a statement is about the artifact", () => {
  it("whose digest is among its subjects", () => {
    expect(judged(bundled(statement(other)))).toBe("subject");
  });

  it("and is one, of the type that was asked for", () => {
    expect(judged(bundled(statement(image, "https://example.com/another")))).toBe("predicate-type");
    expect(judged(bundled(statement(image, SIGNATURE_TYPE)))).toBe("not-an-attestation");
    expect(judge(bundled(statement()), signature, trusting())).toBe("not-a-signature");
    const v9 = Buffer.from(Buffer.from(statement()).toString().replace("Statement/v1", "Statement/v9"));
    expect(judged(bundled(v9))).toBe("statement-type");
    expect(judged(bundled(Buffer.from("{}")))).toBe("statement-type");
  });

  it("in an envelope that says so", () => {
    const claim = bundled(statement());
    const envelope = { ...claim.envelope, payloadType: "application/x" };
    expect(judged({ ...claim, envelope })).toBe("payload-type");
  });
});

it("gate item 4: a log entry is by the signer's certificate or key", () => {
  const holder = certify();
  const again = certify({ keys: holder.made.keys });
  const claim = bundled(statement(), ["rekor"], holder);
  const [sig] = claim.envelope.signatures;
  const thing = thingOf(again, sig?.sig ?? Buffer.alloc(0), { kind: "dsse", envelope: claim.envelope });
  // The same key's other certificate: the signature is the very same.
  for (const [log, kind] of [
    [world.rekor, "dsse 0.0.1"],
    [world.tiles, "hashedrekord 0.0.2"],
  ] as const) {
    const entry = log.log(writeBody(kind, thing));
    expect(judged(carrying(claim, { logEntries: [entry] }))).toBe("log-body-key");
  }
  const ofKey = { ...thing, verifier: { kind: "key", key: holder.certificate.key } } as const;
  const entry = world.rekor.log(writeBody("dsse 0.0.1", ofKey));
  expect(judged(carrying(claim, { logEntries: [entry] }))).toBe("log-body-key");
});

describe("gate item 5: a certificate is for signing code, and no authority's", () => {
  const anyPurpose = "2.5.29.37.0";
  it.each([
    ["no extended key usage", [keyUsage(0)], "certificate-purpose"],
    ["another one", [keyUsage(0), extendedKeyUsage([TIME_STAMPING])], "certificate-purpose"],
    ["any at all", [keyUsage(0), extendedKeyUsage([anyPurpose])], "certificate-purpose"],
    ["no digital signatures", [keyUsage(2), extendedKeyUsage([CODE_SIGNING])], "certificate-purpose"],
    ["certificates, too", [keyUsage(0, 5), extendedKeyUsage([CODE_SIGNING])], "certificate-purpose"],
    ["an authority's", [basicConstraints(), keyUsage(0), extendedKeyUsage([CODE_SIGNING])], "certificate-is-ca"],
  ])("%s", (_, usages, code) => {
    expect(judged(bundled(statement(), ["rekor"], certify({ usages, subject: "somebody" })))).toBe(code);
  });
});

it("gate item 6: a bundle brings no root along", () => {
  const claim = bundled(statement());
  const certificates = [...(claim.carried?.certificates ?? []), world.anchor.der];
  expect(judged(carrying(claim, { certificates }))).toBe("certificate-chain-root");
  const file = overFile(FILE);
  expect(judgeFile(carrying(file, { certificates }))).toBe("certificate-chain-root");
});

describe("gate item 7: trusted roots say from when to when", () => {
  it("and one that does not is not read", () => {
    const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
    expect(codeOf(() => readTrustRoots(text(PUBLISHED), "root"))).toBeUndefined();
    for (const member of ["tlogs", "ctlogs"]) {
      const logs = structuredClone(PUBLISHED[member]) as { publicKey: { validFor: Record<string, unknown> } }[];
      delete logs[0]?.publicKey.validFor["start"];
      expect(codeOf(() => readTrustRoots(text({ ...PUBLISHED, [member]: logs }), "root"))).toBe("TRUST_INVALID");
    }
  });

  it("also of logs that prove no time of their own", () => {
    const closed = { ...world.tiles.trusted, window: { start: undefined, end: new Date("2026-05-31T00:00:00Z") } };
    const root = { ...world.root, logs: [closed] };
    expect(judged(bundled(statement(), ["tiles", "stamp"]), trusting({ roots: [root] }))).toBe("log-window");
  });
});

it("gate item 8: the digest that a keyed bundle names is the file's", () => {
  const signer = createTestKey("ours");
  const claim = {
    kind: "message",
    found: bundled(statement()).found,
    signature: signer.sign(FILE),
    digest: { hash: "sha256", value: messageOf(FILE).digests.get("sha256") ?? Buffer.alloc(0) },
    material: "public-key",
  } as const;
  const by = { keys: [signer.trusted] };
  expect(judgeFile(claim, by)).toBe("accepted");
  expect(judgeFile({ ...claim, digest: { hash: "sha256", value: Buffer.alloc(32) } }, by)).toBe("message-digest");
});

describe("gate item 9: nothing that a bundle holds throws", () => {
  const flip = (bytes: Uint8Array, at: number, by: number): Uint8Array => {
    const changed = Uint8Array.from(bytes);
    const index = at % Math.max(1, changed.length);
    changed[index] = (changed[index] ?? 0) ^ by;
    return changed;
  };
  const good = bundled(statement(), ["rekor", "tiles", "stamp"]);
  const carried = good.carried ?? { certificates: [], logEntries: [], timestamps: [] };
  const [rekor, tiles] = carried.logEntries;
  const sig = good.envelope.signatures[0]?.sig ?? Buffer.alloc(0);
  const PARTS: Readonly<Record<string, (change: (bytes: Uint8Array) => Uint8Array) => DsseClaim>> = {
    leaf: (change) =>
      carrying(good, { certificates: carried.certificates.map((one, at) => (at === 0 ? change(one) : one)) }),
    // Without the answer around it, in which a status of 1 is as good as 0.
    timestamp: (change) => carrying(good, { timestamps: [change(makeToken({ signer: world.tsa.signer, over: sig }))] }),
    body: (change) =>
      carrying(good, {
        logEntries: carried.logEntries.map((one) => ({ ...one, body: change(one.body ?? new Uint8Array()) })),
      }),
    promise: (change) =>
      carrying(good, {
        logEntries: [rekor, tiles].flatMap((one) =>
          one === undefined ? [] : [{ ...one, promise: one.promise === undefined ? undefined : change(one.promise) }],
        ),
      }),
    checkpoint: (change) =>
      carrying(good, {
        logEntries: carried.logEntries.map((one) => ({
          ...one,
          proof: one.proof && {
            ...one.proof,
            checkpoint: Buffer.from(change(Buffer.from(one.proof.checkpoint ?? ""))).toString(),
          },
        })),
      }),
    payload: (change) => ({ ...good, envelope: { ...good.envelope, payload: change(good.envelope.payload) } }),
    signature: (change) => ({
      ...good,
      envelope: {
        ...good.envelope,
        signatures: good.envelope.signatures.map(({ sig }) => ({ keyid: "", sig: change(sig) })),
      },
    }),
  };

  it.each(Object.entries(PARTS))("and no changed byte of its %s is passed over", (_, change) => {
    expect(judged(change((bytes) => bytes))).toBe("accepted");
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, by) => {
        expect(judged(change((bytes) => flip(bytes, at, by)))).not.toBe("accepted");
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.entries(PARTS))("nor is its %s where it breaks off", (_, change) => {
    fc.assert(
      fc.property(fc.nat(), (at) => {
        expect(judged(change((bytes) => bytes.subarray(0, at % bytes.byteLength)))).not.toBe("accepted");
      }),
      { numRuns: 30 },
    );
  });
});

describe("gate item 10: timestamps", () => {
  it.each(["", ".1", ".12", ".123", ".1234", ".123456789"])("have seconds with the fraction %j", (fraction) => {
    const time = `20260601120000${fraction}Z`;
    const claim = bundled(statement(), ["tiles", "stamp"]);
    const [sig] = claim.envelope.signatures;
    const stamped = carrying(claim, { timestamps: [stamp(sig?.sig ?? Buffer.alloc(0), { time })] });
    expect(judged(stamped)).toBe("accepted");
  });

  it("say under which policy, which the result names", () => {
    const verified = verifyTimestamp(stamp(FILE), FILE, [world.root]);
    if (isFault(verified)) throw new TypeError(verified.reason);
    expect(verified).toMatchObject({ policy: "1.3.6.1.4.1.57264.2", nonce: undefined, time: SIGNED_AT });
  });

  it("are by certificates for nothing else", () => {
    const tsa = makeAuthority({ extensions: [keyUsage(0), extendedKeyUsage([CODE_SIGNING], true)] });
    const { timestampAuthorities } = trustIn([tsa.signer, tsa.intermediate, tsa.anchor].map(({ der }) => der));
    const root = { ...world.root, timestampAuthorities };
    const claim = bundled(statement(), ["tiles", "stamp"]);
    const [sig] = claim.envelope.signatures;
    const stamped = carrying(claim, { timestamps: [stamp(sig?.sig ?? Buffer.alloc(0), { signer: tsa.signer })] });
    expect(judged(stamped, trusting({ roots: [root] }))).toBe("timestamp-purpose");
  });
});

it("gate item 11: a key needs no time, and so no timestamp beside an entry of Rekor v2", () => {
  const signer = createTestKey("ours");
  const payload = writeSignatureStatement({ digest: image, annotations: {} });
  const claim = bundleClaim(signer, payload) as DsseClaim;
  const [sig] = claim.envelope.signatures;
  const thing = {
    signature: sig?.sig ?? Buffer.alloc(0),
    scheme: "ecdsa-sha256",
    verifier: { kind: "key", key: signer.trusted.key },
    content: { kind: "dsse", envelope: claim.envelope },
  } as const;
  const logged = carrying(claim, { logEntries: [world.tiles.log(writeBody("hashedrekord 0.0.2", thing))] });
  const demanding = (timestamps: number) => ({
    keys: [{ ...signer.trusted, backing: { roots: [world.root], demand: { logs: 1, timestamps, scts: undefined } } }],
  });
  expect(judge(logged, signature, demanding(0))).toBe("accepted");
  expect(judge(logged, signature, demanding(1))).toBe("timestamp-missing");
  expect(judge(claim, signature, demanding(0))).toBe("log-missing");
  expect(logged.envelope.payloadType).toBe(MEDIA_TYPE.inToto);
  expect(judge(logged, anyAttestation, demanding(0))).toBe("not-an-attestation");
});
