import { WaybillError } from "#core/errors.ts";

interface Range {
  readonly type: string;
  readonly quality: number;
}

// More than any client sends; each costs a comparison with each type that is offered.
const MAX_RANGES = 64;

/**
 * The offered media type that an Accept header (RFC 9110, 12.5.1) wants most; among equals the first. Parameters of a range
 * other than q are not looked at. ACCEPT_IMPOSSIBLE names what is offered.
 */
export const negotiate = <T extends string>(accept: string | null, offered: readonly T[]): T => {
  const [first] = offered;
  if ((accept === null || accept === "*/*") && first !== undefined) return first;
  const ranges = parseAccept(accept);
  let best: { readonly type: T; readonly quality: number } | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best !== undefined) return best.type;
  throw new WaybillError("ACCEPT_IMPOSSIBLE", `this exists as ${offered.join(", ")}`);
};

const parseAccept = (accept: string | null): readonly Range[] => {
  const parts = (accept ?? "").split(",", MAX_RANGES).filter((part) => part.trim() !== "");
  return parts.length === 0 ? [{ type: "*/*", quality: 1 }] : parts.map(parseRange);
};

const parseRange = (part: string): Range => {
  const [type = "", ...parameters] = part.split(";").map((one) => one.trim().toLowerCase());
  const weight = parameters.find((one) => one.startsWith("q="))?.slice(2);
  const quality = weight === undefined ? 1 : Number(weight);
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
};

/** The most specific range decides, also where it says 0. */
const qualityOf = (type: string, ranges: readonly Range[]): number => {
  const whole = `${type.split("/", 1)[0]}/*`;
  for (const wanted of [type, whole, "*/*"]) {
    const found = ranges.find((range) => range.type === wanted);
    if (found !== undefined) return found.quality;
  }
  return 0;
};
