/** The states of a badge with their colours: only what went wrong is red, and what is not known yet is no fault. */
export const BADGE_COLOURS = {
  signed: "green",
  "not signed yet": "grey",
  signing: "blue",
  failed: "red",
  "signing unavailable": "grey",
  unknown: "grey",
} as const;

export type BadgeColour = (typeof BADGE_COLOURS)[keyof typeof BADGE_COLOURS];

// White text on each has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
const FILLS: Readonly<Record<BadgeColour, string>> = {
  green: "#1a7f37",
  grey: "#5c646d",
  blue: "#0a60c2",
  red: "#c2212e",
};

const HEIGHT = 20;
const PADDING = 6;
// Verdana 11 is 6 to 7 pixels a letter; textLength makes every font fit.
const LETTER = 6.6;

/** A badge as SVG without styles, scripts or links; both texts may hold anything. */
export const badgeSvg = (label: string, message: string, colour: BadgeColour): string => {
  const left = widthOf(label);
  const right = widthOf(message);
  const title = escapeXml(`${label}: ${message}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<rect width="${left}" height="${HEIGHT}" fill="#333a41"/>`,
    `<rect x="${left}" width="${right}" height="${HEIGHT}" fill="${FILLS[colour]}"/>`,
    textAt(label, 0, left),
    textAt(message, left, right),
    "</svg>",
  ].join("");
};

const widthOf = (text: string): number => Math.round(text.length * LETTER) + 2 * PADDING;

const textAt = (text: string, x: number, width: number): string =>
  `<text x="${x + width / 2}" y="14" fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" ` +
  `text-anchor="middle" textLength="${width - 2 * PADDING}">${escapeXml(text)}</text>`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeXml = (text: string): string =>
  text.replace(/\p{Cc}/gu, " ").replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? "");
