import { createHash, sign } from "node:crypto";
import type { CarriedProofs, DsseClaim, MessageClaim, SimpleSigningClaim } from "#claims/claim.ts";
import { pae, writeEnvelope } from "#claims/dsse.ts";
import { contextTag, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger } from "#claims/writeDer.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { Message } from "#core/message.ts";
import type { Certificate } from "#trust/certificate.ts";
import type { TrustedIdentity } from "#trust/identityRule.ts";
import { trustedLog } from "#trust/trustedLog.ts";
import { readSpki } from "#trust/publicKey.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import type { SignedThing } from "#trust/signedThing.ts";
import type { Authority, TrustRoot, Window } from "#trust/trustRoot.ts";
import type { ProofDemand, TrustMaterial } from "#trust/verifiedClaim.ts";
import { writeBody } from "../fakes/logBodies.ts";
import type { BodyKind } from "../fakes/logBodies.ts";
import {
  caExtensions,
  CODE_SIGNING,
  extendedKeyUsage,
  extension,
  generalName,
  keyUsage,
  makeCertificate,
  makeKeys,
  subjectAltName,
} from "../fakes/makeCertificate.ts";
import type { Keys, Made } from "../fakes/makeCertificate.ts";
import { makeSct, sctList } from "../fakes/makeSct.ts";
import { makeAuthority, makeResponse, makeToken, trustIn } from "../fakes/makeTimestamp.ts";
import type { MadeAuthority, TimestampWish } from "../fakes/makeTimestamp.ts";
import { createTestLog } from "../fakes/testLog.ts";
import type { TestLog } from "../fakes/testLog.ts";
import { IN_BUNDLE, IN_LEGACY } from "../fakes/testKey.ts";

/** When everything here was signed, logged and stamped, and when it is verified. */
export const SIGNED_AT = new Date("2026-06-01T12:00:00Z");
export const AT = new Date("2026-11-01T00:00:00Z");

export const BUILDER = "https://github.com/acme/app/.github/workflows/build.yml@refs/heads/main";
export const ISSUER = "https://token.actions.githubusercontent.com";
/** Text of Fulcio's extension of that number: bare up to 6, UTF8String from 8 on. */
export const claimOf = (number: number, value: string): Buffer =>
  extension(
    `1.3.6.1.4.1.57264.1.${number}`,
    number < 8 ? Buffer.from(value) : writeDer(TAG.utf8String, Buffer.from(value)),
  );

/** Every part of a Sigstore, in memory, and the root that trusts all of it. */
export interface World {
  readonly anchor: Made;
  readonly intermediate: Made;
  readonly ct: Keys;
  readonly rekor: TestLog;
  readonly tiles: TestLog;
  readonly tsa: MadeAuthority;
  readonly root: TrustRoot;
}

const WINDOW = { start: new Date("2026-01-01T00:00:00Z"), end: new Date("2026-12-31T00:00:00Z") };

export const ctLogOf = ({ publicKey }: Keys, operator?: string) => {
  const key = readSpki(publicKey.export({ type: "spki", format: "der" }), "ct");
  return trustedLog({ uri: "https://ct.example", key, window: WINDOW, operator });
};

export const authorityOf = (chain: readonly Made[], window: Window = WINDOW): Authority => ({
  uri: "https://fulcio.example",
  certificates: chain.map(({ der }) => readCertificate(der)),
  window,
});

export const createWorld = (name = "world"): World => {
  const anchor = makeCertificate({ subject: `${name} root`, extensions: caExtensions(), to: "2036-01-01T00:00:00Z" });
  const intermediate = makeCertificate({ subject: `${name} ca`, issuer: anchor, extensions: caExtensions(0) });
  const ct = makeKeys();
  const rekor = createTestLog({ host: `rekor.${name}` });
  const tiles = createTestLog({ generation: 2, curve: "ed25519", host: `tiles.${name}` });
  const tsa = makeAuthority({ serial: writeDerInteger(Buffer.from(name)) });
  const chain = [tsa.signer, tsa.intermediate, tsa.anchor].map(({ der }) => der);
  const root = {
    ...trustIn(chain, WINDOW, `https://tsa.${name}`),
    source: name,
    certificateAuthorities: [authorityOf([intermediate, anchor])],
    logs: [rekor.trusted, tiles.trusted],
    ctLogs: [ctLogOf(ct)],
  };
  return { anchor, intermediate, ct, rekor, tiles, tsa, root };
};

export const world = createWorld();

/** What a test wants to be otherwise in somebody's certificate. */
export interface HolderWish {
  /** Common name; else none, as Fulcio has it. */
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
  readonly names?: readonly Buffer[];
  /** In place of digitalSignature and code signing. */
  readonly usages?: readonly Buffer[];
  /** Fulcio's; else the issuer in both spellings. */
  readonly claims?: readonly Buffer[];
  readonly issuer?: Made;
  readonly keys?: Keys;
  /** Whose promises are in the certificate, one by one. */
  readonly promisedBy?: readonly Keys[];
  readonly promisedAt?: Date;
}

/** Somebody with a key and a certificate for ten minutes. */
export interface Holder {
  readonly made: Made;
  readonly certificate: Certificate;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

const spkiOf = ({ keys }: Made): Buffer => keys.publicKey.export({ type: "spki", format: "der" });

export const certify = (wish: HolderWish = {}, by = world): Holder => {
  const issuer = wish.issuer ?? by.intermediate;
  const keys = wish.keys ?? makeKeys();
  const extensions = [
    ...(wish.usages ?? [keyUsage(0), extendedKeyUsage([CODE_SIGNING])]),
    subjectAltName(...(wish.names ?? [generalName(6, BUILDER)])),
    ...(wish.claims ?? [claimOf(1, ISSUER), claimOf(8, ISSUER)]),
  ];
  const leaf = {
    subject: wish.subject ?? "",
    issuer,
    keys,
    from: wish.from ?? "2026-06-01T11:55:00Z",
    to: wish.to ?? "2026-06-01T12:05:00Z",
  };
  const { tbs } = readCertificate(makeCertificate({ ...leaf, extensions }).der);
  const entry = { tbs, issuerSpki: spkiOf(issuer) };
  const promises = (wish.promisedBy ?? [by.ct]).map((log) =>
    makeSct({ keys: log, time: wish.promisedAt ?? SIGNED_AT, entry }),
  );
  const list = promises.length === 0 ? [] : [sctList(...promises)];
  const made = makeCertificate({ ...leaf, extensions: [...extensions, ...list] });
  return {
    made,
    certificate: readCertificate(made.der),
    sign: (bytes) => sign("sha256", bytes, keys.privateKey),
  };
};

export type Proof = "rekor" | "tiles" | "stamp";

export const stamp = (over: Uint8Array, wish: Partial<TimestampWish> = {}, by = world): Buffer =>
  makeResponse(makeToken({ signer: by.tsa.signer, over, ...wish }));

const KINDS: Readonly<Record<SignedThing["content"]["kind"], Readonly<Record<"rekor" | "tiles", BodyKind>>>> = {
  message: { rekor: "hashedrekord 0.0.1", tiles: "hashedrekord 0.0.2" },
  dsse: { rekor: "dsse 0.0.1", tiles: "hashedrekord 0.0.2" },
};

const carry = (thing: SignedThing, { made }: Holder, proofs: readonly Proof[], by: World): CarriedProofs => ({
  certificates: [made.der, by.intermediate.der],
  logEntries: proofs.flatMap((proof) =>
    proof === "stamp" ? [] : [by[proof].log(writeBody(KINDS[thing.content.kind][proof], thing))],
  ),
  timestamps: proofs.includes("stamp") ? [stamp(thing.signature, {}, by)] : [],
});

export const thingOf = (
  { certificate }: Holder,
  signature: Uint8Array,
  content: SignedThing["content"],
): SignedThing => ({
  signature,
  scheme: "ecdsa-sha256",
  verifier: { kind: "certificate", certificate },
  content,
});

/** A statement in a bundle, with every proof that is named. */
export const bundled = (
  payload: Uint8Array,
  proofs: readonly Proof[] = ["rekor"],
  holder = certify(),
  by = world,
): DsseClaim => {
  const payloadType = MEDIA_TYPE.inToto;
  const sig = holder.sign(pae(payloadType, payload));
  const envelope = { payloadType, payload, signatures: [{ keyid: "", sig }] };
  const bytes = writeEnvelope(payloadType, payload, envelope.signatures);
  const carried = carry(thingOf(holder, sig, { kind: "dsse", envelope }), holder, proofs, by);
  return { kind: "dsse", found: IN_BUNDLE, envelope, material: "certificate", bytes, carried };
};

const HASHES = ["sha256", "sha384", "sha512"] as const;

export const messageOf = (bytes: Uint8Array): Message => ({
  size: bytes.byteLength,
  digests: new Map(HASHES.map((name) => [name, createHash(name).update(bytes).digest()])),
  bytes,
});

/** A signature in a layer of a tag, with its annotations. */
export const layered = (
  payload: Uint8Array,
  proofs: readonly Proof[] = ["rekor"],
  holder = certify(),
  by = world,
): SimpleSigningClaim => {
  const signature = holder.sign(payload);
  const thing = thingOf(holder, signature, { kind: "message", digests: messageOf(payload).digests });
  const carried = carry(thing, holder, proofs, by);
  return { kind: "simple-signing", found: IN_LEGACY, payload, signature, material: "certificate", carried };
};

/** A signature over a file, in a bundle. */
export const overFile = (
  bytes: Uint8Array,
  proofs: readonly Proof[] = ["rekor"],
  holder = certify(),
  by = world,
): MessageClaim => {
  const { signature, carried } = layered(bytes, proofs, holder, by);
  const digest = { hash: "sha256", value: createHash("sha256").update(bytes).digest() } as const;
  return { kind: "message", found: IN_BUNDLE, signature, digest, material: "certificate", ...(carried && { carried }) };
};

/** The same with other proofs. */
export const carrying = <C extends { readonly carried?: CarriedProofs }>(
  claim: C,
  over: Partial<CarriedProofs>,
): C => ({
  ...claim,
  carried: { certificates: [], logEntries: [], timestamps: [], ...claim.carried, ...over },
});

export const exactly = (value: string) => [{ kind: "exact", value }] as const;
export const like = (source: string) => [{ kind: "pattern", source }] as const;
export const builder: TrustedIdentity = {
  name: "builder",
  subject: exactly(BUILDER),
  issuer: exactly(ISSUER),
  claims: {},
};

const DEMAND: ProofDemand = { logs: 1, timestamps: 0, scts: 1 };

export const trusting = (
  over: {
    readonly identity?: Partial<TrustedIdentity>;
    readonly demand?: Partial<ProofDemand>;
    readonly roots?: readonly TrustRoot[];
  } = {},
): TrustMaterial => ({
  keys: [],
  certified: [
    {
      identity: { ...builder, ...over.identity },
      backing: { roots: over.roots ?? [world.root], demand: { ...DEMAND, ...over.demand } },
    },
  ],
});

/** otherName of Fulcio's username issuer. */
export const userName = (value: string): Buffer =>
  writeDer(
    contextTag(0),
    Buffer.from("060a2b0601040183bf300107", "hex"),
    writeDer(contextTag(0), writeDer(TAG.utf8String, Buffer.from(value))),
  );
