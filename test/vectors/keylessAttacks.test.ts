import { describe, expect, it } from "vitest";
import type { Claim } from "#claims/claim.ts";
import { proofLines } from "#cli/render/proofs.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import { demandFresh } from "#trust/demandTrust.ts";
import { personNames, signerId, countedSigners } from "#trust/signerId.ts";
import { tallySigners } from "#trust/tallySigners.ts";
import type { TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { writeDerInteger } from "#claims/writeDer.ts";
import { codeOf } from "../fakes/codeOf.ts";
import {
  basicConstraints,
  caExtensions,
  generalName,
  keyUsage,
  makeCertificate,
  makeKeys,
  nameConstraints,
  nameOf,
  subjectAltName,
} from "../fakes/makeCertificate.ts";
import type { Made } from "../fakes/makeCertificate.ts";
import { makeAuthority } from "../fakes/makeTimestamp.ts";
import { createTestKey, envelopeClaim } from "../fakes/testKey.ts";
import { attestation, judge, signature, simple, statement } from "./attackBench.ts";
import {
  AT,
  authorityOf,
  BUILDER,
  builder,
  bundled,
  carrying,
  certify,
  claimOf,
  createWorld,
  ctLogOf,
  ISSUER,
  layered,
  like,
  stamp,
  trusting,
  world,
} from "./keylessBench.ts";

// The attacks on certificates, logs and times by their numbers in the threat list: each starts from a claim that is accepted,
// and changes one thing. The gate's items and cosign's checks are beside it, in gate.test.ts and cosignRows.test.ts.

const judged = (claim: Claim, by: TrustMaterial = trusting()): RefusalCode | "accepted" =>
  judge(claim, attestation, by);

const verified = (claim: Claim, by: TrustMaterial, at = AT): VerifiedClaim => {
  const verdict = verifyClaim(claim, by, attestation, at);
  if (!verdict.ok) throw new TypeError(verdict.refusal.reason);
  return verdict.claim;
};

describe("attack 15: an entry of something else (CVE-2022-23649, CVE-2026-22703)", () => {
  it.each(["rekor", "tiles"] as const)("in the log %s", (log) => {
    const proofs = [log, "stamp"] as const;
    const foreign = bundled(statement(), proofs);
    expect(judged(foreign)).toBe("accepted");
    const claim = carrying(bundled(statement(), proofs), { logEntries: foreign.carried?.logEntries ?? [] });
    expect(judged(claim)).toBe("log-body-signature");
  });

  it("is not passed over beside a good one", () => {
    const claim = bundled(statement(), ["rekor"]);
    const foreign = bundled(statement(), ["rekor"]).carried?.logEntries ?? [];
    expect(judged(carrying(claim, { logEntries: [...(claim.carried?.logEntries ?? []), ...foreign] }))).toBe(
      "log-body-signature",
    );
  });
});

describe("attack 16: an old key, and a time that nobody vouches for", () => {
  const unlogged = bundled(statement(), []);

  it("is refused, whatever the clock says", () => {
    expect(judged(unlogged)).toBe("log-missing");
    expect(judged(unlogged, trusting({ demand: { logs: 0, timestamps: 1 } }))).toBe("timestamp-missing");
    // No promise, no time: the number beside the entry is anybody's.
    const claim = bundled(statement(), ["rekor"]);
    const logEntries = (claim.carried?.logEntries ?? []).map((one) => ({ ...one, promise: undefined }));
    expect(judged(carrying(claim, { logEntries }))).toBe("no-time");
    expect(judged(carrying(claim, { logEntries }), trusting({ demand: { scts: undefined } }))).toBe("no-time");
  });

  it("and only who demands neither log nor timestamp takes the clock's word, which the result says", () => {
    const by = trusting({ demand: { logs: undefined } });
    expect(judged(unlogged, by)).toBe("certificate-expired");
    const within = new Date("2026-06-01T12:01:00Z");
    const claim = verified(unlogged, by, within);
    expect(claim.proofs.time).toEqual({ at: within, by: "clock" });
    expect(proofLines(claim)).toContain(
      "signed: by 2026-06-01T12:01:00.000Z, says the clock of this machine or --at alone",
    );
    expect(judged(unlogged, trusting({ demand: { logs: undefined, timestamps: 1 } }))).toBe("timestamp-missing");
    // A time that is proven is never left for the clock's.
    const stamped = bundled(statement(), ["stamp"]);
    expect(verified(stamped, by).proofs.time?.by).toBe("timestamp");
  });

  it("nor is anything of the future believed", () => {
    const before = new Date("2026-06-01T11:58:00Z");
    for (const proofs of [["rekor"], ["tiles", "stamp"]] as const) {
      const verdict = verifyClaim(bundled(statement(), proofs), trusting(), attestation, before);
      expect(verdict).toMatchObject({ ok: false, refusal: { code: "time-future" } });
    }
  });
});

describe("attack 17: outside of somebody's window", () => {
  const past = { start: new Date("2026-01-01T00:00:00Z"), end: new Date("2026-05-31T00:00:00Z") };
  const closing = (member: "logs" | "ctLogs") => ({
    ...world.root,
    [member]: world.root[member].map((log) => ({ ...log, window: past })),
  });

  it("that of an intermediate, whether or not there is a log (CVE-2026-24122)", () => {
    const to = "2026-06-01T11:59:00Z";
    const ended = makeCertificate({ subject: "ended", issuer: world.anchor, extensions: caExtensions(0), to });
    const roots = [{ ...world.root, certificateAuthorities: [authorityOf([ended, world.anchor])] }];
    const holder = certify({ issuer: ended, to: "2026-12-01T00:00:00Z" });
    for (const logs of [1, undefined])
      expect(judged(bundled(statement(), ["rekor"], holder), trusting({ roots, demand: { logs } }))).toBe(
        "certificate-expired",
      );
  });

  it("that of an authority, a log, a certificate log or a timestamp authority", () => {
    const logged = bundled(statement(), ["rekor"]);
    const stamped = bundled(statement(), ["tiles", "stamp"]);
    const over = (root: typeof world.root) => trusting({ roots: [root] });
    const authorities = [authorityOf([world.intermediate, world.anchor], past)];
    expect(judged(logged, over({ ...world.root, certificateAuthorities: authorities }))).toBe("authority-window");
    expect(judged(logged, over(closing("logs")))).toBe("log-window");
    expect(judged(stamped, over(closing("logs")))).toBe("log-window");
    expect(judged(logged, over(closing("ctLogs")))).toBe("sct-log-window");
    const timestampAuthorities = world.root.timestampAuthorities.map((one) => ({ ...one, window: past }));
    expect(judged(stamped, over({ ...world.root, timestampAuthorities }))).toBe("timestamp-window");
  });

  it("that of a key, against the time that is proven, not what anybody says (CVE-2026-54787)", () => {
    const retired = createTestKey();
    const claim = envelopeClaim([retired], statement());
    const sig = claim.envelope.signatures[0]?.sig ?? Buffer.alloc(0);
    const backing = { roots: [world.root], demand: { logs: undefined, timestamps: 0, scts: undefined } };
    const by = { keys: [{ ...retired.trusted, window: past, backing }] };
    const stampedAt = (time: string) => judged(carrying(claim, { timestamps: [stamp(sig, { time })] }), by);
    expect(stampedAt("20260530120000Z")).toBe("accepted");
    expect(stampedAt("20260601120000Z")).toBe("key-window");
    // Stolen, and back-dated by hand: without a timestamp it is of now.
    expect(judged(claim, by)).toBe("key-window");
    expect(judged(claim, { keys: [{ ...retired.trusted, window: past }] })).toBe("key-window");
  });
});

describe("attack 18: a threshold that one party meets alone (CVE-2026-49834)", () => {
  it("by two entries in one log, or in two logs of one operator", () => {
    const claim = bundled(statement(), ["rekor", "tiles"]);
    const by = (operators: readonly (string | undefined)[], logs = 2) =>
      trusting({
        roots: [{ ...world.root, logs: world.root.logs.map((log, at) => ({ ...log, operator: operators[at] })) }],
        demand: { logs },
      });
    expect(judged(claim, by([undefined, undefined]))).toBe("accepted");
    expect(judged(claim, by(["a", "b"]))).toBe("accepted");
    expect(judged(claim, by(["a", "a"]))).toBe("log-missing");
    expect(judged(bundled(statement(), ["rekor"]), by([]))).toBe("log-missing");
  });

  it("by two certificate logs of one operator", () => {
    const [one, two] = [makeKeys(), makeKeys()];
    const claim = bundled(statement(), ["rekor"], certify({ promisedBy: [one, two] }));
    const by = (operator: string) =>
      trusting({
        roots: [{ ...world.root, ctLogs: [ctLogOf(one, "a"), ctLogOf(two, operator)] }],
        demand: { scts: 2 },
      });
    expect(judged(claim, by("b"))).toBe("accepted");
    expect(judged(claim, by("a"))).toBe("sct-missing");
    const twice = bundled(statement(), ["rekor"], certify({ promisedBy: [one, one] }));
    expect(judged(twice, by("b"))).toBe("sct-missing");
  });

  it("by two certificates of one timestamp authority", () => {
    const claim = bundled(statement(), ["rekor"]);
    const sig = claim.envelope.signatures[0]?.sig ?? Buffer.alloc(0);
    const { intermediate, anchor } = world.tsa;
    const again = makeAuthority({ issuer: intermediate, serial: writeDerInteger(77) }).signer;
    const other = createWorld("other");
    const timestampAuthorities = [
      { ...authorityOf([intermediate, anchor]), uri: "https://tsa.one" },
      ...other.root.timestampAuthorities,
    ];
    const by = trusting({ roots: [{ ...world.root, timestampAuthorities }], demand: { timestamps: 2 } });
    const stampedBy = (...signers: readonly Made[]) =>
      judged(
        carrying(claim, { timestamps: signers.map((signer) => stamp(sig, { signer, embedded: [signer.der] })) }),
        by,
      );
    expect(stampedBy(world.tsa.signer, other.tsa.signer)).toBe("accepted");
    expect(stampedBy(world.tsa.signer, again)).toBe("timestamp-missing");
  });

  it("and by one person whom two rules let speak (attack 19)", () => {
    const second = { ...builder, name: "also the builder" };
    const demand = { logs: undefined, timestamps: 1, scts: 1 };
    const trust: TrustMaterial = {
      keys: [],
      certified: [...(trusting().certified ?? []), { identity: second, backing: { roots: [world.root], demand } }],
    };
    const claims = [bundled(statement(), ["rekor"]), bundled(statement(), ["stamp"])].map((one) =>
      verified(one, trust),
    );
    expect(claims.map(({ signer }) => signer.name)).toEqual(["builder", "also the builder"]);
    const words = claims.map(({ signer }) => ({ signer: signerId(signer), person: personNames(signer), said: "" }));
    expect(tallySigners(countedSigners(trust), words, { kind: "at-least", count: 2 })).toMatchObject({
      ok: false,
      signed: ["builder"],
    });
  });
});

describe("attacks 20 and 21: patterns (CVE-2025-29778)", () => {
  const signedBy = (name: string, source: string) =>
    judged(
      bundled(statement(), ["rekor"], certify({ names: [generalName(6, name)] })),
      trusting({ identity: { subject: like(source) } }),
    );

  it.each([
    ["https://evil.example/?https://github.com/acme/app", "https://github\\.com/acme/.*"],
    ["https://github.com/acme-evil/app", "https://github\\.com/acme/.*"],
    [`${BUILDER}-2`, BUILDER.replaceAll(".", "\\.")],
    // Of alternatives, each one is of the whole, too.
    ["https://evil.example/a", "https://good\\.example/.*|a"],
  ])("attack 20: %s is not of /%s/", (name, source) => {
    expect(signedBy(name, source)).toBe("identity-subject");
  });

  it("attack 20: nor may the issuer be left out, or be another", () => {
    const claim = bundled(statement(), ["rekor"]);
    expect(judged(claim, trusting({ identity: { issuer: [] } }))).toBe("identity-issuer");
    expect(judged(claim, trusting({ identity: { issuer: like("https://token\\.actions") } }))).toBe("identity-issuer");
  });

  it("attack 21: one that stops at / and @ does not cross them, and claims pin what may not change", () => {
    const source = "https://github\\.com/acme/[^/@]+/\\.github/workflows/build\\.yml@refs/heads/[^/@]+";
    expect(signedBy(BUILDER, source)).toBe("accepted");
    expect(signedBy("https://github.com/acme/x/.github/workflows/any.yml@refs/pull/1/merge", source)).toBe(
      "identity-subject",
    );
    const owned = bundled(statement(), ["rekor"], certify({ claims: [claimOf(8, ISSUER), claimOf(17, "1234")] }));
    const owner = (id: string) => trusting({ identity: { claims: { sourceRepositoryOwnerIdentifier: id } } });
    expect(judged(owned, owner("1234"))).toBe("accepted");
    expect(judged(owned, owner("123"))).toBe("identity-claim");
  });

  it("CVE-2026-48815: what a certificate must say besides is compared, not passed over", () => {
    const by = trusting({ identity: { claims: { buildTrigger: "push" } } });
    expect(judged(bundled(statement(), ["rekor"]), by)).toBe("identity-claim");
  });
});

describe("attack 22: who vouches for a certificate", () => {
  it("is a certificate log, too", () => {
    expect(judged(bundled(statement(), ["rekor"], certify({ promisedBy: [] })))).toBe("sct-missing");
    // A promise for another certificate.
    const sct = certify().certificate.extensions.get("1.3.6.1.4.1.11129.2.4.2")?.value ?? Buffer.alloc(0);
    const bare = bundled(statement(), ["rekor"], certify({ promisedBy: [] }));
    expect(judged(carrying(bare, { sct: sct.subarray(6) }))).toBe("sct-signature");
  });

  it("is of one root alone: no log of one proves a certificate of another", () => {
    const other = createWorld("other");
    const mixed = bundled(statement(), ["rekor"], certify(), { ...world, rekor: other.rekor });
    const both = trusting({ roots: [world.root, other.root] });
    expect(judged(bundled(statement(), ["rekor"], certify({}, other), other), both)).toBe("accepted");
    expect(judged(mixed, both)).not.toBe("accepted");
    expect(judged(mixed, trusting({ roots: [{ ...world.root, logs: other.root.logs }] }))).toBe("accepted");
    const stamped = bundled(statement(), ["tiles"]);
    const sig = stamped.envelope.signatures[0]?.sig ?? Buffer.alloc(0);
    expect(judged(carrying(stamped, { timestamps: [stamp(sig, {}, other)] }), both)).not.toBe("accepted");
  });

  it("is no certificate that signs others, below a good authority", () => {
    const usages = [basicConstraints(), keyUsage(0, 5)];
    const authority = certify({ usages, subject: "an authority" });
    expect(judged(bundled(statement(), ["rekor"], authority))).toBe("certificate-is-ca");
    const child = certify({ issuer: authority.made, from: "2026-06-01T11:56:00Z" });
    const claim = bundled(statement(), ["rekor"], child);
    expect(judged(carrying(claim, { certificates: [child.made.der, authority.made.der] }))).toBe("certificate-path");
  });
});

describe("attack 30: certificates without end", () => {
  const keys = makeKeys();
  const names = Array.from({ length: 250 }, (_, at) => generalName(2, `n${at}.a`));
  const constraints = nameConstraints(
    [],
    Array.from({ length: 250 }, (_, at) => generalName(2, `z${at}`)),
  );
  const evil = { der: Buffer.alloc(0), keys, name: nameOf("evil") };
  const chain = Array.from({ length: 9 }, (_, at) =>
    makeCertificate({
      subject: "evil",
      keys,
      issuer: evil,
      serial: writeDerInteger(at + 1),
      extensions: [basicConstraints(), keyUsage(5), subjectAltName(...names), constraints],
    }),
  );

  // Within the time of a test: to compare all of these names took minutes.
  it(
    "cost no more than few signatures, and no names that nobody who is trusted stands above",
    { timeout: 5000 },
    () => {
      const holder = certify({ issuer: evil, names });
      const certificates = [holder.made.der, ...chain.map(({ der }) => der)];
      const claim = carrying(layered(simple(), ["rekor"], holder), { certificates });
      expect(judge(claim, signature, trusting())).toBe("certificate-limits");
    },
  );

  it("are ten at most, of 64 KiB (CVE-2026-32280)", () => {
    const claim = bundled(statement(), ["rekor"]);
    const [leaf = Buffer.alloc(0)] = claim.carried?.certificates ?? [];
    const many = Array.from({ length: 10 }, () => world.intermediate.der);
    expect(judged(carrying(claim, { certificates: [leaf, ...many] }))).toBe("certificate-limits");
    expect(judged(carrying(claim, { certificates: [leaf, Buffer.alloc(64 * 1024)] }))).toBe("certificate-limits");
  });
});

it("attack 53: a trusted root that is older than it may be is not used, nor one of unknown age", () => {
  const day = 86_400_000;
  const aged = (days: number) => ({ ...world.root, published: new Date(AT.getTime() - days * day) });
  expect(codeOf(() => demandFresh(aged(90), 90 * day, AT))).toBeUndefined();
  expect(codeOf(() => demandFresh(aged(91), 90 * day, AT))).toBe("TRUST_STALE");
  expect(codeOf(() => demandFresh(world.root, 90 * day, AT))).toBe("TRUST_STALE");
  const lines = proofLines(verified(bundled(statement()), trusting({ roots: [aged(91)] })));
  expect(lines.some((line) => line.includes("91 days ago"))).toBe(true);
});
