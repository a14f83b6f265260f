import { WaybillError } from "#core/errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** Bytes of a size such as `500MB`, `20GiB` or `1000000`; USAGE_INVALID naming the flag. */
export const readSize = (text: string, name: string): number => {
  const [, amount, unit = ""] = /^(\d{1,12}(?:\.\d{1,3})?) ?([A-Za-z]{0,3})$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  const bytes = amount === undefined || factor === undefined ? 0 : Math.floor(Number(amount) * factor);
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new WaybillError("USAGE_INVALID", `${name}: ${JSON.stringify(text.slice(0, 80))} is not a size`, {
    hint: `Write a number with a unit, such as 500MB or 20GiB; the units are ${Object.keys(UNITS).slice(1).join(", ")}.`,
  });
};
