/** `sha256:` and the first twelve digits: enough to recognise a digest, never enough to compare it. */
export const shortDigest = (digest: string): string => {
  const [algorithm, hex] = digest.split(":");
  return hex === undefined || hex.length <= 12 ? digest : `${algorithm}:${hex.slice(0, 12)}…`;
};

/** How long ago, in the largest unit that is not zero. `now` in milliseconds since 1970. */
export const ago = (time: string, now: number): string => {
  const seconds = Math.round((now - Date.parse(time)) / 1000);
  if (Number.isNaN(seconds)) return time;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return Math.abs(seconds) < 10 ? "just now" : WORDS.format(-Math.round(seconds / size), unit);
};

const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

const WORDS = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** `2026-01-02 03:04:05 UTC`: the same for everybody who looks, so that it can be talked about. */
export const exactTime = (time: string): string => time.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC");

/** `3 builds`, `1 build`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** `27.9 MB`, in steps of a thousand. */
export const byteText = (bytes: number): string => {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), SIZES.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 ? bytes : value.toFixed(value < 99.95 ? 1 : 0)} ${SIZES[step]}`;
};

const SIZES = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** What a predicate type is called among people; others stay as they are. */
export const paperName = (kind: "signature" | "attestation", predicateType: string): string => {
  if (kind === "signature") return "Signature";
  return (
    PAPER_NAMES.find(([type]) => predicateType === type || predicateType.startsWith(`${type}/`))?.[1] ?? predicateType
  );
};

const PAPER_NAMES = [
  ["https://cyclonedx.org/bom", "SBOM (CycloneDX)"],
  ["https://spdx.dev/Document", "SBOM (SPDX)"],
  ["https://slsa.dev/provenance/v1", "Provenance (SLSA v1)"],
  ["https://slsa.dev/provenance/v0.2", "Provenance (SLSA v0.2)"],
  ["https://openvex.dev/ns", "VEX (OpenVEX)"],
  ["https://cosign.sigstore.dev/attestation/vuln/v1", "Vulnerability scan"],
] as const;
