import type { ShownImage, ShownPaper } from "#app/showImage.ts";
import { formatBytes } from "#cli/formatBytes.ts";
import type { Paint } from "#cli/paint.ts";
import { printable } from "#cli/printable.ts";
import { paperName } from "#cli/render/paperName.ts";

/** `show` for people. Whatever a stranger wrote is made harmless, and unverified words are marked as such. */
export const shownLines = (shown: ShownImage, withKey: boolean, paint: Paint): readonly string[] => [
  paint("bold", printable(shown.reference)),
  ...facts(shown).map(([name, value]) => `  ${name.padEnd(9)} ${printable(value)}`),
  "",
  paint("bold", "papers"),
  ...(shown.papers.length === 0
    ? [shown.missing === undefined ? "  none could be read" : "  none"]
    : shown.papers.toSorted(byImportance).flatMap((paper) => paperLines(paper, paint))),
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

const STATES: readonly ShownPaper["state"][] = ["verified", "unverified", "refused"];
// The order in which people ask: who signed, what is in it, where it comes from; then the rest.
const KINDS = ["signature", "SBOM", "provenance"];

const byImportance = (a: ShownPaper, b: ShownPaper): number =>
  STATES.indexOf(a.state) - STATES.indexOf(b.state) || rank(a) - rank(b) || compare(nameOf(a), nameOf(b));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const rank = (paper: ShownPaper): number => {
  const at = KINDS.findIndex((kind) => nameOf(paper).endsWith(kind));
  return at === -1 ? KINDS.length : at;
};

const typeOf = (paper: ShownPaper): string => (paper.state === "verified" ? paper.predicateType : paper.says);

const nameOf = (paper: ShownPaper): string => paperName(typeOf(paper));

const paperLines = (paper: ShownPaper, paint: Paint): readonly string[] => {
  const name = nameOf(paper);
  const type = typeOf(paper);
  // The type is what `verify-attestation --type` takes.
  const what = printable(`${name === type || name === "signature" ? name : `${name} (${type})`}, ${forms(paper)}`);
  if (paper.state === "unverified") return [`  ${paint("yellow", "unverified")}  says it is: ${what}`];
  if (paper.state === "refused")
    return [`  ${paint("red", "refused")}     says it is: ${what}`, `      ${printable(paper.reason)}`];
  const state = paper.superseded === true ? paint("yellow", "superseded") : `${paint("green", "verified")}  `;
  return [
    `  ${state}  ${what}`,
    ...(paper.superseded === true
      ? [`      of ${printable(paper.time ?? "")}; another by the same key counts in its place`]
      : []),
    `      by ${printable(paper.signer)}, key sha256:${paper.keyFingerprint}`,
    ...Object.entries(paper.annotations).map(([name, value]) => `      ${printable(`${name}=${value}`)}`),
  ];
};

const forms = (paper: ShownPaper): string => paper.forms.join(" + ");

const missingLine = ({ missing }: ShownImage, withKey: boolean, paint: Paint): string => {
  if (missing === undefined) return `${paint("red", "unknown")} what is missing: not everything could be read`;
  const names = missing.map((one) => (one === "sbom" ? "SBOM" : one)).join(", ");
  if (!withKey) {
    const rest = names === "" ? "nothing seems to be missing" : `${paint("yellow", "missing")}: ${names}`;
    return `${rest}; nothing was verified, since no --key was given`;
  }
  if (names === "") return paint("green", "complete");
  return `${paint("yellow", "missing")}, or not verified: ${names}`;
};
