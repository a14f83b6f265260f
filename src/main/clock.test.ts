import { expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { systemClock } from "#main/clock.ts";

it("ends a wait with the reason of the interruption, before it and during it", async () => {
  const reason = new WaybillError("NETWORK_TIMEOUT", "the time is up");
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});
