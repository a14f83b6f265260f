import fc from "fast-check";

// What a commit's tests say depends on the commit alone: properties draw the same cases each time, more or others only on
// demand: `WAYBILL_SEED=random npm run check`, or the number that a failure printed.
const wanted = process.env["WAYBILL_SEED"] ?? "20261121";

if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
