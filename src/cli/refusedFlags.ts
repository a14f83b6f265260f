import { flag } from "#cli/flag.ts";

const certificates = {
  summary: "certificates are not supported by this version, which knows keys alone",
  hint: "Sign with --key cosign.key, and verify with --key cosign.pub.",
};
const services = {
  summary: "logs, timestamps and certificate authorities are not supported by this version",
  hint: "Leave it away: what a key signs needs none of them.",
};
const tokens = {
  summary: "hardware tokens are not supported by this version",
  hint: "Give the key as a file or as env://VARIABLE.",
};
const attached = {
  summary: "SBOMs attached without a signature are not signed or verified",
  hint: "Sign the SBOM itself: waybill attest --type cyclonedx, and verify-attestation.",
};
const certificate = flag.refused({ value: "FILE", ...certificates });
const pattern = flag.refused({ value: "TEXT", ...certificates });
const service = flag.refused({ value: "TEXT", ...services });
const switchedService = flag.refused(services);

const tokenFlags = { sk: flag.refused(tokens), slot: flag.refused({ value: "SLOT", ...tokens }) };

/** Flags of cosign's `sign` and `attest` that ask for what this program does not do (docs/cosign-differences.md). */
export const refusedSigningFlags = {
  certificate,
  certificateChain: certificate,
  issueCertificate: switchedService,
  fulcioUrl: service,
  fulcioAuthFlow: service,
  insecureSkipVerify: switchedService,
  identityToken: service,
  oidcIssuer: service,
  oidcClientId: service,
  oidcClientSecretFile: service,
  oidcRedirectUrl: service,
  oidcProvider: service,
  oidcDisableAmbientProviders: switchedService,
  rekorUrl: service,
  timestampServerUrl: service,
  timestampServerName: service,
  timestampClientCacert: service,
  timestampClientCert: service,
  timestampClientKey: service,
  ...tokenFlags,
  registryReferrersMode: flag.refused({
    value: "MODE",
    summary: "signature manifests as referrers were cosign's experiment",
    hint: "Bundles are referrers; leave it away, or give --storage bundle.",
  }),
};

export const refusedImageSigningFlags = {
  outputCertificate: certificate,
  attachment: flag.refused({ value: "KIND", ...attached }),
};

export const refusedAttestingFlags = {
  rekorEntryType: service,
};

/** Flags of cosign's `verify` and `verify-attestation` that ask for what this program does not do. */
export const refusedVerifyFlags = {
  certificateIdentity: pattern,
  certificateIdentityRegexp: pattern,
  certificateOidcIssuer: pattern,
  certificateOidcIssuerRegexp: pattern,
  certificateGithubWorkflowTrigger: pattern,
  certificateGithubWorkflowSha: pattern,
  certificateGithubWorkflowName: pattern,
  certificateGithubWorkflowRepository: pattern,
  certificateGithubWorkflowRef: pattern,
  certificate,
  certificateChain: certificate,
  caRoots: certificate,
  caIntermediates: certificate,
  sct: certificate,
  timestampCertificateChain: service,
  rekorUrl: service,
  useSignedTimestamps: switchedService,
  ...tokenFlags,
  // Where it is left out, fewer papers are found: never more.
  experimentalOci11: flag.ignored({ summary: "signature manifests that are referrers are not read" }),
  allowCertificateChain: flag.ignored({ summary: "certificates are not accepted anyway" }),
};

export const refusedImageVerifyFlags = { attachment: flag.refused({ value: "KIND", ...attached }) };

export const refusedAttestationFlags = {
  policy: flag.refused({
    value: "FILE",
    summary: "CUE and Rego policies are not evaluated by this version",
    hint: "Print the verified statement and judge it yourself: waybill verify-attestation ... | opa eval -I ...",
  }),
};
