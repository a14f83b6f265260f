import { describe, expect, it } from "vitest";
import type { CarriedProofs, SimpleSigningClaim } from "#claims/claim.ts";
import { withGiven } from "#claims/givenProofs.ts";
import { writeSimpleSigning } from "#claims/simpleSigning.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import type { ProofDemand, TrustMaterial, VerifiedClaim } from "#trust/verifiedClaim.ts";
import { verifyClaim } from "#trust/verifyClaim.ts";
import { writeBody } from "../fakes/logBodies.ts";
import { generalName, makeKeys } from "../fakes/makeCertificate.ts";
import { createTestLog } from "../fakes/testLog.ts";
import { createTestKey, envelopeClaim, simpleSigningClaim } from "../fakes/testKey.ts";
import { attestation, image, judge, other, signature, simple, statement } from "./attackBench.ts";
import {
  AT,
  authorityOf,
  bundled,
  carrying,
  certify,
  claimOf,
  createWorld,
  exactly,
  ISSUER,
  layered,
  like,
  messageOf,
  SIGNED_AT,
  stamp,
  thingOf,
  trusting,
  userName,
  world,
} from "./keylessBench.ts";

// cosign's checks, row by row (cosign.md 5.3 to 5.5): what each is about is refused here, too.

type Answer = RefusalCode | "accepted";

const layer = (claim: SimpleSigningClaim, by: TrustMaterial = trusting()): Answer => judge(claim, signature, by);

const verified = (claim: Parameters<typeof judge>[0], by: TrustMaterial): VerifiedClaim => {
  if (claim.kind === "unreadable") throw new TypeError(claim.reason);
  const verdict = verifyClaim(claim, by, claim.kind === "dsse" ? attestation : signature, AT);
  if (!verdict.ok) throw new TypeError(verdict.refusal.reason);
  return verdict.claim;
};

describe("cosign.md 5.3, a signature in a layer", () => {
  const good = layered(simple());
  const [entry] = good.carried?.logEntries ?? [];
  if (entry === undefined) throw new TypeError("no entry");

  it("is accepted", () => {
    expect(layer(good)).toBe("accepted");
    expect(layer(layered(simple(), ["rekor", "stamp"]), trusting({ demand: { timestamps: 1 } }))).toBe("accepted");
  });

  it("row 1: its timestamp is over it, by an authority that is trusted, and there where it is demanded", () => {
    const stamped = trusting({ demand: { timestamps: 1 } });
    expect(layer(good, stamped)).toBe("timestamp-missing");
    const foreign = stamp(Buffer.from("something else"));
    expect(layer(carrying(good, { timestamps: [foreign] }), stamped)).toBe("timestamp-imprint");
    expect(layer(carrying(good, { timestamps: [foreign] }))).toBe("timestamp-imprint");
    const stranger = stamp(good.signature, {}, createWorld("stranger"));
    expect(layer(carrying(good, { timestamps: [stranger] }), stamped)).toBe("timestamp-untrusted");
  });

  it("row 2a: its log entry is about this signature", () => {
    const again = layered(simple(), ["rekor"], certify());
    expect(layer(carrying(good, { logEntries: again.carried?.logEntries ?? [] }))).toBe("log-body-signature");
  });

  it("row 2b: by this certificate", () => {
    const holder = certify();
    const claim = layered(simple(), ["rekor"], holder);
    const content = { kind: "message", digests: messageOf(claim.payload).digests } as const;
    const thing = thingOf(certify({ keys: holder.made.keys }), claim.signature, content);
    const logEntries = [world.rekor.log(writeBody("hashedrekord 0.0.1", thing))];
    expect(layer(carrying(claim, { logEntries }))).toBe("log-body-key");
  });

  it("row 2c: over this payload, by the hash that was signed", () => {
    const holder = certify();
    const claim = layered(simple(), ["rekor"], holder);
    const log = (digests: ReadonlyMap<"sha256", Uint8Array>) =>
      world.rekor.log(writeBody("hashedrekord 0.0.1", thingOf(holder, claim.signature, { kind: "message", digests })));
    const elsewhere = log(new Map([["sha256", Buffer.alloc(32)]]));
    expect(layer(carrying(claim, { logEntries: [elsewhere] }))).toBe("log-body-digest");
  });

  it("row 2d: promised by a log that is trusted", () => {
    expect(layer(carrying(good, { logEntries: [{ ...entry, promise: Buffer.from("no promise") }] }))).toBe(
      "log-promise",
    );
    expect(
      layer(carrying(good, { logEntries: [{ ...entry, integratedTime: (entry.integratedTime ?? 0n) - 1n }] })),
    ).toBe("log-promise");
    expect(layer(layered(simple(), ["rekor"], certify(), { ...world, rekor: createTestLog() }))).toBe("log-unknown");
  });

  it("rows 2e and 2f: without an entry nobody is asked for one", () => {
    expect(layer(carrying(good, { logEntries: [] }))).toBe("log-missing");
  });

  it("row 3a: with a certificate", () => {
    const { carried: _, ...bare } = good;
    expect(layer({ ...bare, material: "none" })).toBe("key-signed");
    expect(layer(carrying(good, { certificates: [] }))).toBe("certificate-malformed");
  });

  it("row 3b: whose chain leads to an authority that is trusted", () => {
    const stranger = createWorld("stranger");
    const foreign = certify({ promisedBy: [world.ct] }, stranger);
    expect(layer(layered(simple(), ["rekor"], foreign))).toBe("certificate-path");
    // Neither by bringing its root along.
    const brought = [foreign.made.der, stranger.intermediate.der, stranger.anchor.der];
    expect(layer(carrying(layered(simple(), ["rekor"], foreign), { certificates: brought }))).toBe("certificate-path");
  });

  it("row 3c: with the claims of a GitHub workflow that are wanted, each exactly", () => {
    const WORKFLOW = ["trigger", "SHA", "name", "repository", "ref"];
    const claims = [claimOf(8, ISSUER), ...WORKFLOW.map((value, at) => claimOf(2 + at, value))];
    const claim = layered(simple(), ["rekor"], certify({ claims }));
    for (const value of WORKFLOW) {
      const name = `githubWorkflow${value.slice(0, 1).toUpperCase()}${value.slice(1)}`;
      expect(layer(claim, trusting({ identity: { claims: { [name]: value } } }))).toBe("accepted");
      for (const wrong of [value.slice(1), `${value} `, ""])
        expect(layer(claim, trusting({ identity: { claims: { [name]: wrong } } }))).toBe("identity-claim");
      expect(layer(good, trusting({ identity: { claims: { [name]: value } } }))).toBe("identity-claim");
    }
  });

  it("row 3d: for the name and by the issuer that are wanted, where text and pattern must both hold", () => {
    const both = (value: string, source: string) =>
      trusting({ identity: { subject: [...exactly(value), ...like(source)] } });
    const user = layered(simple(), ["rekor"], certify({ names: [generalName(1, "a@example.com"), userName("a!b")] }));
    expect(layer(user, both("a@example.com", ".*@example\\.com"))).toBe("accepted");
    expect(layer(user, trusting({ identity: { subject: exactly("a!b") } }))).toBe("accepted");
    expect(layer(user, both("a@example.com", ".*@example\\.org"))).toBe("identity-subject");
    expect(layer(user, both("b@example.com", ".*@example\\.com"))).toBe("identity-subject");
    // One name must satisfy both; two of them do not do it together.
    expect(layer(user, both("a!b", ".*@example\\.com"))).toBe("identity-subject");
    expect(layer(user, trusting({ identity: { subject: exactly("a!b"), issuer: exactly("") } }))).toBe(
      "identity-issuer",
    );
  });

  it("row 3e: promised by a certificate log that is trusted", () => {
    const unpromised = layered(simple(), ["rekor"], certify({ promisedBy: [] }));
    expect(layer(unpromised)).toBe("sct-missing");
    expect(layer(unpromised, trusting({ demand: { scts: undefined } }))).toBe("accepted");
    expect(layer(layered(simple(), ["rekor"], certify({ promisedBy: [makeKeys()] })))).toBe("sct-unknown-log");
    const late = certify({ promisedAt: new Date("2026-12-30T00:00:00Z") });
    expect(layer(layered(simple(), ["rekor"], late))).toBe("sct-future");
    const early = certify({ promisedAt: new Date("2025-12-31T00:00:00Z") });
    expect(layer(layered(simple(), ["rekor"], early))).toBe("sct-log-window");
  });

  it("row 4: made over exactly this payload", () => {
    expect(layer({ ...good, payload: simple(other) })).toBe("bad-signature");
    expect(layer({ ...good, signature: Buffer.alloc(0) })).toBe("bad-signature");
  });

  it("row 5a: which names the image", () => {
    expect(layer(layered(simple(other)))).toBe("subject");
    expect(layer(layered(Buffer.from("{")))).toBe("payload-malformed");
  });

  it("row 5b: and has the annotations that are wanted", () => {
    const annotated = writeSimpleSigning({ dockerReference: "", digest: image, annotations: { a: "1" } });
    const wanting = (annotations: Record<string, string>) =>
      judge(layered(annotated), { ...signature, annotations }, trusting());
    expect(wanting({ a: "1" })).toBe("accepted");
    expect(wanting({ a: "2" })).toBe("annotations");
    expect(wanting({ a: "1", b: "" })).toBe("annotations");
  });

  it("row 6: while its certificate and every authority of it was valid, at each time that is proven", () => {
    const logged = (from: string, to: string, proofs: readonly ("rekor" | "stamp")[]) =>
      layer(layered(simple(), proofs, certify({ from, to })));
    expect(logged("2026-06-01T11:00:00Z", "2026-06-01T11:59:59Z", ["rekor"])).toBe("certificate-expired");
    expect(logged("2026-06-01T12:00:01Z", "2026-06-01T12:10:00Z", ["rekor"])).toBe("certificate-not-yet");
    // Of a timestamp and an entry, neither outweighs the other.
    const holder = certify();
    const claim = layered(simple(), ["rekor"], holder);
    const late = stamp(claim.signature, { time: "20260601120501Z" });
    expect(layer(carrying(claim, { timestamps: [late] }))).toBe("certificate-expired");
    const window = { start: undefined, end: new Date("2026-06-01T11:59:59Z") };
    const roots = [
      { ...world.root, certificateAuthorities: [authorityOf([world.intermediate, world.anchor], window)] },
    ];
    expect(layer(claim, trusting({ roots }))).toBe("authority-window");
  });

  it("and what was given beside it must not be another certificate than its own", () => {
    const given = { certificates: [certify().made.der], timestamps: [] };
    expect(judge(withGiven(good, given), signature, trusting())).toBe("unreadable");
    const own = { certificates: good.carried?.certificates ?? [], timestamps: [] };
    expect(judge(withGiven(good, own), signature, trusting())).toBe("accepted");
  });
});

describe("cosign.md 5.4, a bundle", () => {
  const judged = (claim: Parameters<typeof judge>[0], by = trusting()): Answer => judge(claim, attestation, by);
  const good = bundled(statement());
  const [entry] = good.carried?.logEntries ?? [];
  if (entry === undefined) throw new TypeError("no entry");

  it("item 1: log entries", () => {
    const logs = (logEntries: CarriedProofs["logEntries"]) => judged(carrying(good, { logEntries }));
    expect(logs([entry, entry])).toBe("log-duplicate");
    expect(logs([])).toBe("log-missing");
    expect(logs([{ ...entry, promise: undefined, proof: undefined }])).toBe("log-unproven");
    const rootHash = Buffer.alloc(32);
    expect(logs([{ ...entry, proof: entry.proof && { ...entry.proof, rootHash } }])).toBe("log-proof");
    const checkpoint = world.tiles.checkpoint();
    expect(logs([{ ...entry, proof: entry.proof && { ...entry.proof, checkpoint } }])).toBe("log-checkpoint");
    expect(judged(good, trusting({ demand: { logs: 2 } }))).toBe("log-missing");
  });

  it("item 2: timestamps", () => {
    expect(judged(good, trusting({ demand: { timestamps: 1 } }))).toBe("timestamp-missing");
    const twice = bundled(statement(), ["rekor", "stamp"]);
    const [token] = twice.carried?.timestamps ?? [];
    expect(judged(twice, trusting({ demand: { timestamps: 2 } }))).toBe("timestamp-missing");
    const both = carrying(twice, { timestamps: token === undefined ? [] : [token, token] });
    expect(judged(both, trusting({ demand: { timestamps: 2 } }))).toBe("timestamp-duplicate");
    expect(judged(carrying(good, { timestamps: [Buffer.from("no timestamp")] }))).toBe("timestamp-malformed");
  });

  it("item 3: chains, at every time, and keys where keys are wanted", () => {
    const late = certify({ from: "2026-06-01T12:00:01Z", to: "2026-06-01T12:10:00Z" });
    expect(judged(bundled(statement(), ["rekor"], late))).toBe("certificate-not-yet");
    expect(judged(bundled(statement(), ["tiles", "stamp"], late))).toBe("certificate-not-yet");
    expect(judged(good, { keys: [createTestKey().trusted] })).toBe("certificate-signed");
  });

  it("item 4: promises of certificate logs", () => {
    expect(judged(bundled(statement(), ["rekor"], certify({ promisedBy: [] })))).toBe("sct-missing");
    expect(judged(good, trusting({ demand: { scts: 2 } }))).toBe("sct-missing");
  });

  it("item 5: the signature, and whom the statement is about", () => {
    const payload = statement(other);
    expect(judged({ ...good, envelope: { ...good.envelope, payload } })).toBe("bad-signature");
    expect(judged(bundled(payload))).toBe("subject");
  });

  it("item 6: who signed", () => {
    expect(judged(good, trusting({ identity: { subject: exactly("another") } }))).toBe("identity-subject");
    expect(judged(good, trusting({ identity: { issuer: exactly("another") } }))).toBe("identity-issuer");
  });

  it("item 7: what was claimed", () => {
    const wanting = { ...attestation, predicateType: "https://slsa.dev/provenance/v1" };
    expect(judge(good, wanting, trusting())).toBe("predicate-type");
  });
});

describe("cosign.md 5.4, what proves the time", () => {
  const time = (claim: Parameters<typeof judge>[0], demand: Partial<ProofDemand>): string => {
    const by = trusting({ demand });
    const answer = judge(claim, claim.kind === "dsse" ? attestation : signature, by);
    return answer === "accepted" ? (verified(claim, by).proofs.time?.by ?? "none") : answer;
  };
  const signer = createTestKey();
  const keyed = (demand: Partial<ProofDemand> | undefined) =>
    verified(envelopeClaim([signer], statement()), {
      keys: [
        demand === undefined
          ? signer.trusted
          : {
              ...signer.trusted,
              backing: {
                roots: [world.root],
                demand: { logs: undefined, timestamps: undefined, scts: undefined, ...demand },
              },
            },
      ],
    }).proofs;

  it("of a key without a log: nothing, and nothing is asked", () => {
    expect(keyed(undefined)).toEqual({ log: "not checked", timestamp: "not checked" });
    expect(keyed({ logs: 0, timestamps: 0 })).toMatchObject({ log: "absent", timestamp: "absent" });
    expect(keyed({ logs: 0 }).time).toBeUndefined();
  });

  it("of a key with a log: its entry", () => {
    const claim = simpleSigningClaim(signer, simple());
    const thing = {
      signature: claim.signature,
      scheme: "ecdsa-sha256",
      verifier: { kind: "key", key: signer.trusted.key },
      content: { kind: "message", digests: messageOf(claim.payload).digests },
    } as const;
    const logged = carrying(claim, { logEntries: [world.rekor.log(writeBody("hashedrekord 0.0.1", thing))] });
    const backing = { roots: [world.root], demand: { logs: 1, timestamps: undefined, scts: undefined } };
    const by = { keys: [{ ...signer.trusted, backing }] };
    expect(verified(logged, by).proofs.time).toEqual({ at: SIGNED_AT, by: "log" });
    expect(judge(claim, signature, by)).toBe("log-missing");
  });

  it("where a timestamp is demanded: that", () => {
    expect(time(bundled(statement(), ["tiles", "stamp"]), { timestamps: 1 })).toBe("timestamp");
    expect(time(layered(simple(), ["stamp"]), { logs: undefined, timestamps: 1 })).toBe("timestamp");
  });

  it("of a certificate in Rekor v1: its entry", () => {
    expect(time(bundled(statement(), ["rekor"]), {})).toBe("log");
  });

  it("of a certificate in Rekor v2 alone: a timestamp, demanded or not", () => {
    expect(time(bundled(statement(), ["tiles"]), {})).toBe("no-time");
    expect(time(bundled(statement(), ["tiles", "stamp"]), {})).toBe("timestamp");
  });

  it("of a certificate without a log: the clock, by which short ones are over", () => {
    expect(time(bundled(statement(), []), { logs: undefined })).toBe("certificate-expired");
    const long = certify({ to: "2026-12-01T00:00:00Z" });
    expect(time(bundled(statement(), [], long), { logs: undefined })).toBe("clock");
  });
});

describe("cosign.md 5.5, what Fulcio says besides", () => {
  const NAMES: Readonly<Record<number, string>> = {
    2: "githubWorkflowTrigger",
    3: "githubWorkflowSHA",
    4: "githubWorkflowName",
    5: "githubWorkflowRepository",
    6: "githubWorkflowRef",
    9: "buildSignerURI",
    10: "buildSignerDigest",
    11: "runnerEnvironment",
    12: "sourceRepositoryURI",
    13: "sourceRepositoryDigest",
    14: "sourceRepositoryRef",
    15: "sourceRepositoryIdentifier",
    16: "sourceRepositoryOwnerURI",
    17: "sourceRepositoryOwnerIdentifier",
    18: "buildConfigURI",
    19: "buildConfigDigest",
    20: "buildTrigger",
    21: "runInvocationURI",
    22: "sourceRepositoryVisibilityAtSigning",
  };
  const numbers = Object.keys(NAMES).map(Number);
  const claims = [
    claimOf(1, ISSUER),
    claimOf(8, ISSUER),
    ...numbers.map((number) => claimOf(number, `said by ${number}`)),
  ];
  const claim = bundled(statement(), ["rekor"], certify({ claims }));

  it.each(numbers)("OID .%d is compared exactly, and told by its name", (number) => {
    const name = NAMES[number] ?? "";
    const wanting = (value: string) => trusting({ identity: { claims: { [name]: value } } });
    expect(verified(claim, wanting(`said by ${number}`)).signer.identity?.claims).toMatchObject({
      [name]: `said by ${number}`,
    });
    expect(judge(claim, attestation, wanting(`said by ${number + 1}`))).toBe("identity-claim");
  });

  it("OIDs .1 and .8 are the issuer, which must not be two", () => {
    const issuedBy = (...said: readonly Buffer[]) =>
      judge(bundled(statement(), ["rekor"], certify({ claims: said })), attestation, trusting());
    expect(issuedBy(claimOf(1, ISSUER))).toBe("accepted");
    expect(issuedBy(claimOf(8, ISSUER))).toBe("accepted");
    expect(issuedBy(claimOf(1, "https://evil.example"), claimOf(8, ISSUER))).toBe("identity-issuer");
    expect(issuedBy(claimOf(1, ISSUER), claimOf(8, "https://evil.example"))).toBe("identity-issuer");
    expect(issuedBy()).toBe("identity-issuer");
  });

  it("OID .7 is a name, such as users of GitHub have", () => {
    const named = bundled(statement(), ["rekor"], certify({ names: [userName("somebody!example.com")] }));
    expect(judge(named, attestation, trusting({ identity: { subject: exactly("somebody!example.com") } }))).toBe(
      "accepted",
    );
    expect(judge(named, attestation, trusting())).toBe("identity-subject");
  });

  it("and in the form of its number alone", () => {
    // PrintableString in place of UTF8String.
    const swapped = Buffer.from(claimOf(20, "push"));
    swapped[swapped.indexOf(0x0c)] = 0x13;
    const claims20 = [claimOf(8, ISSUER), swapped];
    expect(judge(bundled(statement(), ["rekor"], certify({ claims: claims20 })), attestation, trusting())).toBe(
      "certificate-malformed",
    );
  });
});
