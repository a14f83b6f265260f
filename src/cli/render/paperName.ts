const NAMES: Readonly<Record<string, string>> = {
  "https://sigstore.dev/cosign/sign/v1": "signature",
  "https://cyclonedx.org/bom": "CycloneDX SBOM",
  "https://spdx.dev/Document": "SPDX SBOM",
  "https://slsa.dev/provenance/v1": "SLSA v1 provenance",
  "https://slsa.dev/provenance/v0.2": "SLSA v0.2 provenance",
  "application/vnd.cncf.notary.signature": "Notation signature",
  "application/vnd.goharbor.harbor.sbom.v1": "SBOM by Harbor",
  "application/vnd.cyclonedx+json": "CycloneDX SBOM",
  "application/spdx+json": "SPDX SBOM",
};

/** What people call a paper of this predicate or artifact type; the type itself where there is no word for it. */
export const paperName = (type: string): string => (Object.hasOwn(NAMES, type) ? (NAMES[type] ?? type) : type);
