import { WaybillError } from "#core/errors.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of an age such as `90d`, `36h` or `30m`. USAGE_INVALID. */
export const readAge = (text: string, where: string): number => {
  const [, count, unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  throw new WaybillError("USAGE_INVALID", `${where}: ${JSON.stringify(text.slice(0, 80))} is no age`, {
    hint: "Write days, hours or minutes, such as 90d or 36h.",
  });
};
