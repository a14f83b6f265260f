import { flag } from "#cli/flag.ts";

const certificates = {
  summary: "this version signs and bundles with keys alone; it verifies certificates",
  hint: "Sign with --key cosign.key, and verify with --key cosign.pub.",
};
const services = {
  summary: "this version asks no log, timestamp or certificate authority for anything; it verifies what they gave",
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
const service = flag.refused({ value: "TEXT", ...services });
const search = flag.refused({
  value: "URL",
  summary: "logs are not searched: papers carry their own entries",
  hint: "Leave it away; an entry is checked against the log's key in the trusted root.",
});
const switchedService = flag.refused(services);

/** Flags of everything that needs a private key. */
export const refusedTokenFlags = { sk: flag.refused(tokens), slot: flag.refused({ value: "SLOT", ...tokens }) };

const referrersMode = flag.refused({
  value: "MODE",
  summary: "signature manifests as referrers were cosign's experiment",
  hint: "Bundles are referrers; leave it away, or give --storage bundle.",
});

// What is kept elsewhere would be missed where it is read, and written where nobody looks.
/** A flag of everything that reads or writes papers beside images. */
export const refusedPlaceFlags = {
  attachmentTagPrefix: flag.refused({
    value: "PREFIX",
    summary: "papers are kept under cosign's own tags, without a prefix",
    hint: "Leave it away, and COSIGN_ATTACHMENT_TAG_PREFIX unset; COSIGN_REPOSITORY keeps papers apart.",
  }),
};

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
  ...refusedTokenFlags,
  rfc3161Timestamp: service,
  rfc3161TimestampBundle: service,
  registryReferrersMode: referrersMode,
};

export const refusedImageSigningFlags = {
  outputCertificate: certificate,
  attachment: flag.refused({ value: "KIND", ...attached }),
};

export const refusedAttestingFlags = {
  rekorEntryType: service,
};

const ignoredExperiment = flag.ignored({ summary: "signature manifests that are referrers are not read" });

const loose = {
  summary: "one signature cannot be that of all images that a file names",
  hint: "Verify that image alone: waybill verify --signature.",
};

/** Flags of cosign's `verify` and `verify-attestation` that ask for what this program does not do. */
export const refusedVerifyFlags = {
  rekorUrl: search,
  ...refusedTokenFlags,
  // Where it is left out, fewer papers are found: never more.
  experimentalOci11: ignoredExperiment,
  allowCertificateChain: flag.ignored({ summary: "a bundle v0.3 that holds a chain is refused" }),
};

export const refusedImageVerifyFlags = { attachment: flag.refused({ value: "KIND", ...attached }) };

/** Flags of what signs files, which takes no signing config that names nothing either. */
export const refusedBlobSigningFlags = { signingConfig: service };

/** Flags of what verifies the images that files name. */
export const refusedFileFlags = {
  ...refusedImageVerifyFlags,
  signature: flag.refused({ value: "FILE", ...loose }),
  payload: flag.refused({ value: "FILE", ...loose }),
  localImage: flag.refused({
    summary: "files name images in registries",
    hint: "Verify a layout by its name: waybill verify oci:PATH.",
  }),
};

/** Flags of `attach signature`. */
export const refusedAttachFlags = { tsr: service, rekorResponse: service };

/** Flags of `tree`. */
export const refusedTreeFlags = { registryReferrersMode: referrersMode, experimentalOci11: ignoredExperiment };

/** Flags of `generate-key-pair`. */
export const refusedKeyPairFlags = {
  kms: flag.refused({
    value: "KEY",
    summary: "key management services are not supported by this version",
    hint: "Make a key pair in files, and keep the private one as a secret.",
  }),
};

export const refusedAttestationFlags = {
  policy: flag.refused({
    value: "FILE",
    summary: "CUE and Rego policies are not evaluated by this version",
    hint: "Print the verified statement and judge it yourself: waybill verify-attestation ... | opa eval -I ...",
  }),
};
