const NAMES: Readonly<Record<string, string>> = {
  "https://sigstore.dev/cosign/sign/v1": "signature",
  "https://cyclonedx.org/bom": "CycloneDX SBOM",
  "https://spdx.dev/Document": "SPDX SBOM",
  "https://slsa.dev/provenance/v1": "SLSA v1 provenance",
  "https://slsa.dev/provenance/v0.2": "SLSA v0.2 provenance",
};

/** What people call a paper of this predicate type; the type itself where there is no word for it. */
export const paperName = (type: string): string => (Object.hasOwn(NAMES, type) ? (NAMES[type] ?? type) : type);
