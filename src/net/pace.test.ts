import { describe, expect, it } from "vitest";
import { measurePace } from "#net/pace.ts";
import type { Pace } from "#net/pace.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const start = (pace: Pace) => {
  let now = 1000;
  const clock = { now: () => now, jitter: () => 0, sleep: async () => {} };
  const meter = measurePace(testCtx({ clock }), pace, () => "GET x");
  return { ...meter, pass: (ms: number) => void (now += ms) };
};

const SLOW = { code: "NETWORK_TIMEOUT", details: { reason: "timeout" } };

describe("measurePace", () => {
  it("attack 32: wants 4096 bytes in each window of waiting", () => {
    const meter = start({ windowMs: 100 });
    for (let window = 0; window < 3; window++) {
      meter.pass(60);
      meter.count(2048);
      meter.pass(60);
      meter.count(2048);
    }
    meter.pass(60);
    meter.count(2048);
    meter.pass(60);
    expect(() => meter.count(2047)).toThrow(expect.objectContaining(SLOW));
  });

  it("counts waiting alone", () => {
    const meter = start({ windowMs: 100, totalMs: 150 });
    for (let turn = 0; turn < 10; turn++) {
      meter.pass(1000);
      meter.wait();
      meter.pass(10);
      meter.count(1);
    }
    meter.pass(100);
    expect(() => meter.count(1)).toThrow("GET x: the answer comes too slowly: 11 bytes in 200 ms");
  });

  it("wants all within the total, at whatever pace", () => {
    const meter = start({ windowMs: 100, totalMs: 150 });
    meter.pass(150);
    meter.count(1_000_000);
    meter.pass(1);
    expect(() => meter.count(1_000_000)).toThrow("not complete after 151 ms");
  });
});
