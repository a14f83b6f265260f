import type { ShownImage, ShownPaper } from "#app/showImage.ts";
import { formatBytes } from "#cli/formatBytes.ts";
import type { Paint } from "#cli/paint.ts";
import { printable } from "#cli/printable.ts";

/** `show` for people. Whatever a stranger wrote is made harmless, and unverified words are marked as such. */
export const shownLines = (shown: ShownImage, withKey: boolean, paint: Paint): readonly string[] => [
  paint("bold", printable(shown.reference)),
  ...facts(shown).map(([name, value]) => `  ${name.padEnd(9)} ${printable(value)}`),
  "",
  paint("bold", "papers"),
  ...(shown.papers.length === 0 ? ["  none"] : shown.papers.flatMap((paper) => paperLines(paper, paint))),
  "",
  missingLine(shown, withKey, paint),
];

const facts = (shown: ShownImage): readonly (readonly [string, string])[] => [
  ["digest", shown.digest],
  ["kind", shown.kind === "index" ? `index of ${shown.platforms.length} images` : "image"],
  ["platform", shown.platforms.join(", ") || "unknown"],
  ...(shown.created === undefined ? [] : ([["created", shown.created]] as const)),
  ...(shown.size === undefined
    ? []
    : ([["layers", `${shown.layers}, ${formatBytes(shown.size)} compressed`]] as const)),
];

const paperLines = (paper: ShownPaper, paint: Paint): readonly string[] => {
  const forms = `(${paper.forms.join(" + ")})`;
  if (paper.state === "verified") {
    const notes = Object.entries(paper.annotations).map(([name, value]) => `      ${printable(`${name}=${value}`)}`);
    const what = paper.kind === "signature" ? "signature" : printable(`${label(paper.predicateType)}`);
    return [
      `  ${paint("green", "verified")}    ${what} ${forms}`,
      `      by ${printable(paper.signer)}, key sha256:${paper.keyFingerprint}`,
      ...notes,
    ];
  }
  const says = `says it is ${printable(label(paper.says))} ${forms}`;
  if (paper.state === "unverified") return [`  ${paint("yellow", "unverified")}  ${says}`];
  return [`  ${paint("red", "refused")}     ${says}`, `      ${printable(paper.reason)}`];
};

const LABELS: Readonly<Record<string, string>> = {
  "https://sigstore.dev/cosign/sign/v1": "signature",
  "https://cyclonedx.org/bom": "SBOM, CycloneDX (https://cyclonedx.org/bom)",
  "https://spdx.dev/Document": "SBOM, SPDX (https://spdx.dev/Document)",
  "https://slsa.dev/provenance/v1": "provenance, SLSA v1 (https://slsa.dev/provenance/v1)",
  "https://slsa.dev/provenance/v0.2": "provenance, SLSA v0.2 (https://slsa.dev/provenance/v0.2)",
};

const label = (type: string): string => (Object.hasOwn(LABELS, type) ? (LABELS[type] ?? type) : type);

const missingLine = ({ missing }: ShownImage, withKey: boolean, paint: Paint): string => {
  const where = withKey ? "by this key" : "(nothing was verified: give --key)";
  if (missing.length === 0) return `complete ${where}`;
  return `${paint("yellow", "missing")} ${where}: ${missing.join(", ")}`;
};
