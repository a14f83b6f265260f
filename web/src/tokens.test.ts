import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const CSS = readFileSync(new URL("style/tokens.css", import.meta.url), "utf8");

const colours = new Map(
  [...CSS.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }] as const,
  ),
);

const SCHEMES = ["light", "dark"] as const;

const colourOf = (name: string, scheme: "light" | "dark"): string => colours.get(name)?.[scheme] ?? "";

/** WCAG 2.2, relative luminance. */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (a: string, b: string): number => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

const TEXT = [
  ...["ground", "surface", "sunken"].flatMap((ground) => ["ink", "ink-dim", "accent"].map((ink) => [ink, ground])),
  ["accent-ink", "accent"],
  ["bad", "surface"],
  ["ink", "bad-soft"],
  ["ink-dim", "calm-soft"],
  ...["good", "calm", "busy", "warn", "bad"].map((tone) => [tone, `${tone}-soft`]),
] as const;

const LINES = [
  ["control-line", "surface"],
  ["control-line", "ground"],
  ["focus", "surface"],
  ["focus", "ground"],
  ["accent", "surface"],
  ["accent", "calm-soft"],
  ["good", "surface"],
  ["warn", "surface"],
] as const;

describe.each(SCHEMES)("the colours of the %s scheme", (scheme) => {
  it.each(TEXT.map(([ink = "", ground = ""]) => [ink, ground]))("let %s be read on %s", (ink, ground) => {
    expect(contrast(colourOf(ink, scheme), colourOf(ground, scheme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(LINES)("let lines of %s be seen on %s", (line, ground) => {
    expect(contrast(colourOf(line, scheme), colourOf(ground, scheme))).toBeGreaterThanOrEqual(3);
  });
});

describe("the computation", () => {
  it("is that of WCAG", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });
});
