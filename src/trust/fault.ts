import type { RefusalCode } from "#trust/refusalCode.ts";

/** A reason why a claim does not count, before it is known how near it came. */
export interface Fault {
  readonly code: RefusalCode;
  readonly reason: string;
}

export const isFault = (value: object): value is Fault => "code" in value && "reason" in value;

/** Text out of a claim, made safe and short for a terminal (attack 36). */
export const quoted = (text: string): string => {
  const shown = text.length > 160 ? `${text.slice(0, 160)}...` : text;
  // JSON leaves DEL, C1 controls, and what is not seen or turns the reading direction, as they are.
  return JSON.stringify(shown).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
};
