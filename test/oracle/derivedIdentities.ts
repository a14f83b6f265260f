import { generateKeyPairSync } from "node:crypto";
import type { TextRule } from "#trust/identityRule.ts";
import { derivation, isCertified, refusedBy } from "./derivation.ts";
import type { Derivation, Expectation } from "./derivation.ts";
import type { Asked, Subject } from "./derivedSubject.ts";
import { sha256 } from "./judgeQuestion.ts";
import type { Question } from "./judgeQuestion.ts";

const asking = ({ question }: Subject, other: Partial<Question>): Asked => ({ question: { ...question, ...other } });

const asIdentity = (subject: Subject, identity: string, issuer = subject.one.issuer): Asked =>
  asking(subject, { signer: { kind: "identity", identity, issuer } });

const wrongName = (name: string, change: (identity: string) => string): Derivation =>
  derivation(
    name,
    refusedBy("identity-subject"),
    (subject) => asIdentity(subject, change(subject.one.identity)),
    isCertified,
  );

const wrongIssuer = (name: string, change: (issuer: string) => string): Derivation =>
  derivation(
    name,
    refusedBy("identity-issuer"),
    (subject) => asIdentity(subject, subject.one.identity, change(subject.one.issuer)),
    isCertified,
  );

const wrongPattern = (
  name: string,
  of: "subject" | "issuer",
  source: (one: Subject["one"]) => string,
  by: Expectation = refusedBy(of === "subject" ? "identity-subject" : "identity-issuer"),
): Derivation =>
  derivation(
    name,
    by,
    ({ one, question }) => {
      const rule: TextRule = { kind: "pattern", source: source(one) };
      return { question, particulars: { [of]: [rule] } };
    },
    isCertified,
  );

const wrongClaim = (name: string, value: string): Derivation =>
  derivation(
    `claim ${name} = ${JSON.stringify(value)}`,
    refusedBy("identity-claim"),
    ({ question }) => ({ question, particulars: { claims: { [name]: value } } }),
    isCertified,
  );

const literally = (text: string): string => text.replace(/[^A-Za-z0-9]/g, String.raw`\$&`);

const newKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }).toString();

/** Somebody else is asked for. */
export const IDENTITIES: readonly Derivation[] = [
  wrongName("another identity", () => "somebody@example.com"),
  wrongName("identity without its end", (identity) => identity.slice(0, -1)),
  wrongName("identity without its beginning", (identity) => identity.slice(1)),
  wrongName("longer identity", (identity) => `${identity}x`),
  wrongName("identity in capitals", (identity) => identity.toUpperCase()),
  wrongName("identity with a blank after it", (identity) => `${identity} `),
  wrongName("a pattern in place of the identity", () => ".*"),
  wrongName("identity with a pattern's end", (identity) => `${identity.slice(0, -4)}.*`),
  wrongName("issuer in place of the identity", () => "https://token.actions.githubusercontent.com"),
  wrongIssuer("another issuer", () => "https://issuer.example"),
  wrongIssuer("issuer without its end", (issuer) => issuer.slice(0, -1)),
  wrongIssuer("issuer with a slash after it", (issuer) => `${issuer}/`),
  wrongIssuer("issuer in capitals", (issuer) => issuer.toUpperCase()),
  wrongIssuer("a pattern in place of the issuer", () => ".*"),
  wrongPattern("unanchored pattern of the identity's beginning", "subject", ({ identity }) =>
    literally(identity.slice(0, -5)),
  ),
  wrongPattern("unanchored pattern of the identity's end", "subject", ({ identity }) => literally(identity.slice(5))),
  wrongPattern("unanchored pattern of the identity's middle", "subject", ({ identity }) =>
    literally(identity.slice(5, -5)),
  ),
  wrongPattern("pattern that would match a line of it", "subject", () => "(?m)^https:$"),
  wrongPattern("pattern of one alternative unanchored", "subject", ({ identity }) =>
    [literally(identity.slice(0, -5)), "x"].join("|"),
  ),
  wrongPattern("unanchored pattern of the issuer", "issuer", ({ issuer }) => literally(issuer.slice(8))),
  wrongPattern("pattern of another issuer", "issuer", () => String.raw`https://.*\.example`),
  wrongClaim("githubWorkflowRepository", "somebody/else"),
  wrongClaim("githubWorkflowRef", "refs/heads"),
  wrongClaim("sourceRepositoryURI", ""),
  derivation(
    "a key is asked for, and a certificate signed",
    refusedBy("certificate-signed"),
    (subject) => asking(subject, { signer: { kind: "key", pem: newKey() } }),
    isCertified,
  ),
  derivation(
    "a certificate is asked for, and a key signed",
    refusedBy("key-signed"),
    (subject) => asIdentity(subject, subject.one.identity),
    ({ isKeyed }) => isKeyed,
  ),
  derivation(
    "another key is asked for",
    refusedBy("wrong-key", "bad-signature"),
    (subject) => asking(subject, { signer: { kind: "key", pem: newKey() } }),
    ({ isKeyed }) => isKeyed,
  ),
];

const OTHER = Buffer.from("another artifact");

const artifactOf = ({ question }: Subject, bytes: Uint8Array): Partial<Question> => ({
  artifact: question.artifact.kind === "bytes" ? { kind: "bytes", bytes } : { kind: "digest", sha256: sha256(bytes) },
});

const byContent = ({ content }: Subject): Expectation => refusedBy(content === "dsse" ? "subject" : "message-digest");

/** Something else is asked about. */
export const ARTIFACTS: readonly Derivation[] = [
  derivation("another artifact", byContent, (subject) => asking(subject, artifactOf(subject, OTHER))),
  derivation("no artifact", byContent, (subject) => asking(subject, artifactOf(subject, Buffer.alloc(0)))),
  derivation("a longer artifact", byContent, (subject) =>
    asking(subject, artifactOf(subject, Buffer.concat([subject.one.artifact, Buffer.from("\n")]))),
  ),
  derivation("the digest's digest", byContent, (subject) =>
    asking(subject, artifactOf(subject, sha256(subject.one.artifact))),
  ),
];
