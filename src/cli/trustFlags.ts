import { flag } from "#cli/flag.ts";

/** Flags that say whose word counts, of everything that verifies. */
const trustFlags = flag.grouped("Trust", {
  key: flag.list({
    value: "KEY",
    summary: "public key: file, env://VARIABLE or https://...; each one given must have signed",
  }),
  anyKey: flag.toggle({ default: false, summary: "of several keys, one that signed is enough" }),
  atLeast: flag.count({
    value: "N",
    min: 1,
    max: 1000,
    summary: "of several signers, so many distinct ones must have signed the same",
  }),
  trust: flag.list({
    value: "FILE[#SET]",
    summary: "trust sets in YAML: any of their keys and identities; may repeat",
  }),
  at: flag.text({ value: "RFC3339", summary: "verify as of this moment; else now" }),
});

/** Flags that say which certificates count. */
const identityFlags = flag.grouped("Certificates", {
  certificateIdentity: flag.text({ value: "TEXT", summary: "name in the certificate, exactly: an e-mail or a URI" }),
  certificateIdentityRegexp: flag.text({
    value: "RE2",
    summary: "pattern of the whole name in the certificate",
  }),
  certificateOidcIssuer: flag.text({ value: "URL", summary: "who vouched for that name, exactly" }),
  certificateOidcIssuerRegexp: flag.text({ value: "RE2", summary: "pattern of all of it" }),
  certificateGithubWorkflowTrigger: flag.text({ value: "TEXT", summary: "event that started the workflow, exactly" }),
  certificateGithubWorkflowSha: flag.text({ value: "TEXT", summary: "its commit" }),
  certificateGithubWorkflowName: flag.text({ value: "TEXT", summary: "its name" }),
  certificateGithubWorkflowRepository: flag.text({ value: "OWNER/REPO", summary: "its repository" }),
  certificateGithubWorkflowRef: flag.text({ value: "REF", summary: "its branch or tag, as refs/heads/main" }),
  certificate: flag.text({
    value: "FILE",
    summary: "the certificate (PEM or DER) of papers that carry none",
  }),
  certificateChain: flag.text({
    value: "FILE",
    summary: "PEM of the authorities above it, the root last, in place of the trusted root's",
  }),
  caRoots: flag.text({ value: "FILE", summary: "PEM of root authorities, in place of the trusted root's" }),
  caIntermediates: flag.text({ value: "FILE", summary: "PEM of authorities between them and the certificate" }),
  sct: flag.text({ value: "FILE", summary: "signed certificate timestamp of a certificate that has none in it" }),
});

/** Flags that say what must prove a signature, and by whose word. */
const proofFlags = flag.grouped("Proofs", {
  insecureIgnoreTlog: flag.toggle({
    summary: "demand no transparency log entry; the default with --key, never with an identity",
  }),
  insecureIgnoreSct: flag.toggle({ default: false, summary: "demand no certificate transparency of certificates" }),
  useSignedTimestamps: flag.toggle({ default: false, summary: "demand a signed timestamp (RFC 3161)" }),
  privateInfrastructure: flag.toggle({ default: false, summary: "as --insecure-ignore-tlog" }),
  trustedRoot: flag.list({
    value: "FILE",
    summary: "trusted_root.json or .jsonl: whom to believe about certificates, logs and times; nothing is contacted",
  }),
  timestampCertificateChain: flag.text({
    value: "FILE",
    summary: "PEM of a timestamp authority, the root last, in place of the trusted root's",
  }),
  offline: flag.toggle({
    default: false,
    summary: "contact nothing but the registry: trusted roots from files, the cache, or the embedded one",
  }),
  maxRootAge: flag.text({
    value: "AGE",
    summary: "refuse a trusted root that was confirmed longer ago, such as 90d or 36h",
  }),
});

/** All of them. */
export const allTrustFlags = { ...trustFlags, ...identityFlags, ...proofFlags };
