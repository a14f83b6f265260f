import { accepted, derivation, isCertified, refusedBy } from "./derivation.ts";
import type { Derivation, Expectation } from "./derivation.ts";
import { flipped, parseBundle, withBundle } from "./derivedSubject.ts";
import type { BundleJson, EntryJson, Subject } from "./derivedSubject.ts";

const entryOf = ({ verificationMaterial: { tlogEntries } }: BundleJson): EntryJson => {
  const [entry] = tlogEntries;
  if (entry === undefined) throw new TypeError("the suite has an accepted bundle without a log entry");
  return entry;
};

type Proof = NonNullable<EntryJson["inclusionProof"]>;

const proofOf = (bundle: BundleJson): Proof => {
  const { inclusionProof } = entryOf(bundle);
  if (inclusionProof === undefined) throw new TypeError("the suite has an accepted bundle without an inclusion proof");
  return inclusionProof;
};

const stampsOf = ({ verificationMaterial }: BundleJson): { signedTimestamp: string }[] =>
  verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];

const onEntry = (
  name: string,
  expected: Expectation | Derivation["expected"],
  edit: (entry: EntryJson, other: EntryJson) => void,
  applies?: (subject: Subject) => boolean,
): Derivation =>
  derivation(
    name,
    expected,
    (subject) => withBundle(subject, (bundle) => edit(entryOf(bundle), entryOf(subject.other))),
    applies,
  );

const onProof = (
  name: string,
  by: readonly string[],
  edit: (proof: Proof, other: Proof) => void,
  applies?: (subject: Subject) => boolean,
): Derivation =>
  derivation(
    name,
    refusedBy(...by),
    (subject) => withBundle(subject, (bundle) => edit(proofOf(bundle), proofOf(subject.other))),
    applies,
  );

/** A tree of one entry has a proof without any. */
const hasHashes = ({ question }: Subject): boolean => proofOf(parseBundle(question.bundle)).hashes.length > 0;

const onStamp = (
  name: string,
  by: readonly string[],
  edit: (stamp: { signedTimestamp: string }, other: string) => void,
): Derivation =>
  derivation(
    name,
    refusedBy(...by),
    (subject) =>
      withBundle(subject, (bundle) => {
        for (const stamp of stampsOf(bundle)) edit(stamp, stampsOf(subject.other)[0]?.signedTimestamp ?? "");
      }),
    ({ isStamped }) => isStamped,
  );

const isPromised = (subject: Subject): boolean => subject.isPromised;
const isTimeless = ({ isPromised: isTimed, isStamped }: Subject): boolean => !isTimed && isStamped;

const BY_PROOF = accepted("the inclusion proof and its checkpoint vouch for the entry; the promise stood beside them");
const BY_PROMISE = accepted("the log's promise vouches for the entry, as bundles v0.1 may have it");

const withoutPromise = ({ version, isKeyed, isStamped }: Subject): Expectation => {
  // A bundle v0.1 must have one.
  if (version === "0.1") return refusedBy("unreadable");
  return isKeyed || isStamped ? BY_PROOF : refusedBy("no-time");
};

// Bundles v0.2 and later must have a proof with a checkpoint.
const withoutProof = ({ version }: Subject): Expectation => (version === "0.1" ? BY_PROMISE : refusedBy("unreadable"));

const increased = (number: string | undefined): string => String(BigInt(number ?? 0) + 1n);

const editLine = (text: string, at: number, edit: (line: string) => string): string =>
  text
    .split("\n")
    .map((line, index) => (index === at ? edit(line) : line))
    .join("\n");

const onCheckpoint = (name: string, edit: (text: string, other: string) => string): Derivation =>
  onProof(name, ["log-checkpoint"], ({ checkpoint }, other) => {
    if (checkpoint !== undefined) checkpoint.envelope = edit(checkpoint.envelope, other.checkpoint?.envelope ?? "");
  });

/** Each proof is taken away, changed, or taken from another bundle. */
export const PROOFS: readonly Derivation[] = [
  derivation("no log entry", refusedBy("log-missing"), (subject) =>
    withBundle(subject, ({ verificationMaterial }) => {
      verificationMaterial.tlogEntries = [];
    }),
  ),
  derivation("one log entry twice", refusedBy("log-duplicate"), (subject) =>
    withBundle(subject, (bundle) => bundle.verificationMaterial.tlogEntries.push(entryOf(bundle))),
  ),
  derivation(
    "the log entry of another bundle",
    refusedBy("log-body-signature", "log-body-kind", "log-unknown", "unreadable"),
    (subject) =>
      withBundle(subject, ({ verificationMaterial }) => {
        verificationMaterial.tlogEntries = [entryOf(subject.other)];
      }),
  ),
  derivation(
    "the log entry of another bundle beside it",
    refusedBy("log-body-signature", "log-body-kind", "log-unknown", "unreadable"),
    (subject) =>
      withBundle(subject, ({ verificationMaterial }) => verificationMaterial.tlogEntries.push(entryOf(subject.other))),
  ),
  onEntry("an empty promise", refusedBy("log-promise"), (entry) => {
    entry.inclusionPromise = {};
  }),
  onEntry("no promise", withoutPromise, (entry) => delete entry.inclusionPromise, isPromised),
  onEntry("no time of the entry", refusedBy("log-promise"), (entry) => delete entry.integratedTime, isPromised),
  onEntry("no inclusion proof", withoutProof, (entry) => delete entry.inclusionProof),
  onEntry("no checkpoint", refusedBy("unreadable"), (entry) => delete entry.inclusionProof?.checkpoint),
  onEntry("neither promise nor proof", refusedBy("unreadable"), (entry) => {
    delete entry.inclusionPromise;
    delete entry.inclusionProof;
  }),
  onEntry("no body", refusedBy("log-body", "unreadable"), (entry) => {
    entry.canonicalizedBody = "";
  }),
  onEntry("body of another entry", refusedBy("log-body", "log-body-kind", "log-body-signature"), (entry, other) => {
    entry.canonicalizedBody = other.canonicalizedBody;
  }),
  onEntry(
    "changed body",
    refusedBy(
      "log-body",
      "log-body-signature",
      "log-body-key",
      "log-body-digest",
      "log-promise",
      "log-proof",
      "log-body-kind",
    ),
    (entry) => {
      entry.canonicalizedBody = flipped(entry.canonicalizedBody, -4);
    },
  ),
  onEntry("no name of the log", refusedBy("log-unknown", "unreadable"), (entry) => {
    entry.logId.keyId = "";
  }),
  onEntry("name of another log", refusedBy("log-unknown"), (entry) => {
    entry.logId.keyId = flipped(entry.logId.keyId, 0);
  }),
  onEntry("another kind of entry", refusedBy("log-body", "log-body-kind"), (entry) => {
    entry.kindVersion = { kind: "rekord", version: "0.0.1" };
  }),
  onEntry("another version of the entry", refusedBy("log-body", "log-body-kind"), (entry) => {
    entry.kindVersion.version = "0.0.9";
  }),
  onEntry(
    "another index of a promised entry",
    refusedBy("log-promise"),
    (entry) => {
      entry.logIndex = increased(entry.logIndex);
    },
    isPromised,
  ),
  onEntry(
    "another index of an entry in Rekor v2",
    refusedBy("log-proof"),
    (entry) => {
      entry.logIndex = increased(entry.logIndex);
    },
    (subject) => !subject.isPromised,
  ),
  onEntry("negative index", refusedBy("unreadable"), (entry) => {
    entry.logIndex = "-1";
  }),
  onEntry(
    "another time of the entry",
    refusedBy("log-promise"),
    (entry) => {
      entry.integratedTime = increased(entry.integratedTime);
    },
    isPromised,
  ),
  onEntry(
    "a time that nobody signed",
    accepted("nobody promised the entry's time, so that it is not looked at; the timestamp counts"),
    (entry) => {
      entry.integratedTime = "1600000000";
    },
    isTimeless,
  ),
  onEntry(
    "changed promise",
    refusedBy("log-promise"),
    (entry) => {
      const promise = entry.inclusionPromise;
      if (promise !== undefined) promise.signedEntryTimestamp = flipped(promise.signedEntryTimestamp ?? "", -1);
    },
    isPromised,
  ),
  onEntry(
    "a promise of Rekor v2, which gives none",
    refusedBy("log-promise"),
    (entry) => {
      entry.inclusionPromise = { signedEntryTimestamp: "AAAA" };
      entry.integratedTime = "1750000000";
    },
    (subject) => !subject.isPromised,
  ),
  onProof("another index in the tree", ["log-proof"], (proof) => {
    proof.logIndex = increased(proof.logIndex);
  }),
  onProof("another size of the tree", ["log-proof", "log-checkpoint"], (proof) => {
    proof.treeSize = increased(proof.treeSize);
  }),
  onProof("another root of the tree", ["log-proof"], (proof) => {
    proof.rootHash = flipped(proof.rootHash, 0);
  }),
  onProof("no root of the tree", ["log-proof"], (proof) => {
    proof.rootHash = "";
  }),
  onProof(
    "a hash less",
    ["log-proof"],
    (proof) => {
      proof.hashes.pop();
    },
    hasHashes,
  ),
  onProof("a hash more", ["log-proof"], (proof) => {
    proof.hashes.push(proof.rootHash);
  }),
  onProof("changed hash", ["log-proof"], (proof) => {
    proof.hashes[0] = flipped(proof.hashes[0] ?? "", 0);
  }),
  onCheckpoint("checkpoint of another bundle", (text, other) => (text === other ? "" : other)),
  onCheckpoint("checkpoint with another size", (text) => editLine(text, 1, increased)),
  onCheckpoint("checkpoint with another root", (text) => editLine(text, 2, (line) => flipped(line, 0))),
  onCheckpoint("checkpoint of another log", (text) => editLine(text, 0, (line) => `x${line}`)),
  onCheckpoint("checkpoint without signatures", (text) => `${text.split("\n\n")[0]}\n\n`),
  onCheckpoint("checkpoint with changed signatures", (text) =>
    text.replaceAll(/^(— \S+ )(\S+)$/gm, (_, name: string, signature: string) => name + flipped(signature, -1)),
  ),
  onCheckpoint("checkpoint with another key's hint", (text) =>
    text.replaceAll(/^(— \S+ )(\S+)$/gm, (_, name: string, signature: string) => name + flipped(signature, 0)),
  ),
  onCheckpoint("checkpoint with another name of the signer", (text) => text.replaceAll(/^— /gm, "— x")),
  onStamp("timestamp of another bundle", ["timestamp-imprint"], (stamp, other) => {
    stamp.signedTimestamp = other;
  }),
  onStamp("timestamp cut short", ["timestamp-malformed"], (stamp) => {
    stamp.signedTimestamp = Buffer.from(stamp.signedTimestamp, "base64").subarray(0, -1).toString("base64");
  }),
  onStamp("timestamp with a changed signature", ["timestamp-signature", "timestamp-malformed"], (stamp) => {
    stamp.signedTimestamp = flipped(stamp.signedTimestamp, -1);
  }),
  onStamp("no timestamp in the timestamp", ["unreadable"], (stamp) => {
    stamp.signedTimestamp = "";
  }),
  derivation(
    "one timestamp twice",
    refusedBy("timestamp-duplicate"),
    (subject) => withBundle(subject, (bundle) => stampsOf(bundle).push(...stampsOf(bundle))),
    ({ isStamped }) => isStamped,
  ),
  derivation(
    "no timestamps",
    (subject) => (subject.isPromised ? accepted("the log says when it was signed") : refusedBy("no-time")),
    (subject) =>
      withBundle(subject, ({ verificationMaterial }) => delete verificationMaterial.timestampVerificationData),
    ({ isStamped }) => isStamped,
  ),
  derivation(
    "a timestamp of another bundle beside it",
    refusedBy("timestamp-imprint"),
    (subject) => withBundle(subject, (bundle) => stampsOf(bundle).push(...stampsOf(subject.other).slice(0, 1))),
    (subject) => isCertified(subject) && subject.isStamped,
  ),
];
