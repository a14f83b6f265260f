import { accepted, derivation, isCertified, refusedBy } from "./derivation.ts";
import type { Derivation, Expectation } from "./derivation.ts";
import { withRoot } from "./derivedSubject.ts";
import type { Asked, RootJson, Subject } from "./derivedSubject.ts";

const SECOND_MS = 1000;

/** Later by so many milliseconds. */
const after = (time: Date, ms: number): string => new Date(time.getTime() + ms).toISOString();

const without = (part: keyof RootJson, expected: Derivation["expected"]): Derivation =>
  derivation(`root without ${part}`, expected, (subject) => withRoot(subject, (root) => delete root[part]));

type Windowed = { readonly validFor?: unknown; readonly publicKey?: { readonly validFor: unknown } };

const spansOf = (root: RootJson, part: keyof RootJson): { start?: string; end?: string }[] =>
  ((root[part] ?? []) as Windowed[]).map(({ validFor, publicKey }) => (publicKey?.validFor ?? validFor) as object);

/** Windows that end just before it was signed, or begin just after. */
const moved = (part: keyof RootJson, expected: Derivation["expected"]): readonly Derivation[] => [
  derivation(`${part} ended before it was signed`, expected, (subject) =>
    withRoot(subject, (root) => {
      for (const span of spansOf(root, part)) {
        span.start = "2000-01-01T00:00:00Z";
        span.end = after(subject.earliest, -SECOND_MS);
      }
    }),
  ),
  derivation(`${part} began after it was signed`, expected, (subject) =>
    withRoot(subject, (root) => {
      for (const span of spansOf(root, part)) {
        span.start = after(subject.latest, SECOND_MS);
        delete span.end;
      }
    }),
  ),
  derivation(
    `${part} without the start of a window`,
    refusedBy("TRUST_INVALID missing-start"),
    (subject) =>
      withRoot(subject, (root) => {
        for (const span of spansOf(root, part)) delete span.start;
      }),
    ({ question }) => spansOf(JSON.parse(question.trustedRoot) as RootJson, part).length > 0,
  ),
];

const OF_KEYS = accepted(
  "a key is believed by itself: no certificate, and so no authority or certificate log, is asked",
);
const UNSTAMPED = accepted("no timestamp came with it, and the log says when it was signed");

const forCertificates =
  (expectation: Expectation) =>
  ({ isKeyed }: Subject): Expectation =>
    isKeyed ? OF_KEYS : expectation;
const forStamps =
  (expectation: Expectation) =>
  ({ isStamped }: Subject): Expectation =>
    isStamped ? expectation : UNSTAMPED;

const ofForeign =
  (...parts: readonly (keyof RootJson)[]) =>
  (subject: Subject): Asked =>
    withRoot(subject, (root) => {
      const foreign = JSON.parse(subject.foreignRoot) as RootJson;
      for (const part of parts) Object.assign(root, { [part]: foreign[part] });
    });

const at =
  (time: (subject: Subject) => Date) =>
  (subject: Subject): Asked => ({ question: subject.question, particulars: { at: time(subject) } });

const DAY_MS = 86_400_000;

/** Others are trusted, or at other times. */
export const ROOTS: readonly Derivation[] = [
  derivation(
    "root of another instance",
    refusedBy("log-unknown", "certificate-path", "authority-window", "timestamp-untrusted"),
    (subject) => ({ question: { ...subject.question, trustedRoot: subject.foreignRoot } }),
  ),
  derivation("root that trusts nobody", refusedBy("TRUST_INVALID empty"), (subject) => ({
    question: {
      ...subject.question,
      trustedRoot: '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
    },
  })),
  without("tlogs", () => refusedBy("TRUST_INVALID empty")),
  without("ctlogs", forCertificates(refusedBy("TRUST_INVALID empty"))),
  without("certificateAuthorities", forCertificates(refusedBy("TRUST_INVALID empty"))),
  without("timestampAuthorities", forStamps(refusedBy("timestamp-untrusted"))),
  derivation("logs of another instance", refusedBy("log-unknown"), ofForeign("tlogs")),
  derivation(
    "certificate logs of another instance",
    forCertificates(refusedBy("sct-unknown-log")),
    ofForeign("ctlogs"),
  ),
  derivation(
    "certificate authorities of another instance",
    forCertificates(refusedBy("certificate-path", "authority-window")),
    ofForeign("certificateAuthorities"),
  ),
  derivation(
    "timestamp authorities of another instance",
    forStamps(refusedBy("timestamp-untrusted", "timestamp-window")),
    ofForeign("timestampAuthorities"),
  ),
  ...moved("tlogs", () => refusedBy("log-window")),
  ...moved("ctlogs", forCertificates(refusedBy("sct-log-window"))),
  ...moved("certificateAuthorities", forCertificates(refusedBy("authority-window"))),
  ...moved("timestampAuthorities", forStamps(refusedBy("timestamp-window"))),
  derivation(
    "verified as of before it was signed",
    refusedBy("time-future", "sct-future"),
    at(({ earliest }) => new Date(earliest.getTime() - DAY_MS)),
  ),
  derivation(
    "verified as of long before any of it",
    refusedBy("time-future"),
    at(() => new Date("2001-01-01T00:00:00Z")),
  ),
  derivation("verified as of after all of the root has ended", refusedBy("TRUST_EXPIRED"), (subject) => ({
    ...withRoot(subject, (root) => {
      for (const part of ["tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities"] as const)
        for (const span of spansOf(root, part)) span.end ??= "2026-12-31T00:00:00Z";
    }),
    particulars: { at: new Date("2030-01-01T00:00:00Z") },
  })),
  derivation(
    "chain without its root",
    forCertificates(refusedBy("TRUST_INVALID broken-chain", "certificate-path")),
    (subject) =>
      withRoot(subject, (root) => {
        for (const { certChain } of root.certificateAuthorities ?? [])
          certChain.certificates = certChain.certificates.slice(0, 0);
      }),
    isCertified,
  ),
  derivation(
    "log key of another log",
    refusedBy("TRUST_INVALID wrong-log-id", "log-promise", "log-checkpoint", "TRUST_INVALID wrong-key-details"),
    (subject) =>
      withRoot(subject, (root) => {
        const foreign = JSON.parse(subject.foreignRoot) as RootJson;
        const [key] = foreign.tlogs ?? [];
        for (const log of root.tlogs ?? []) log.publicKey.rawBytes = key?.publicKey.rawBytes ?? "";
      }),
  ),
];
