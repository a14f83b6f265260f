import { WaybillError } from "#core/errors.ts";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** A moment of RFC 3339; undefined where nothing is given. USAGE_INVALID. */
export const readMoment = (text: string | undefined, where: string): Date | undefined => {
  if (text === undefined) return undefined;
  const moment = MOMENT.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new WaybillError("USAGE_INVALID", `${where}: ${JSON.stringify(text.slice(0, 80))} is no time of RFC 3339`, {
    hint: "Write it such as 2026-03-01T12:00:00Z.",
  });
};
