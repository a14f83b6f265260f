import { expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import { meteredSigner } from "#main/meteredSigner.ts";
import { meteredStore } from "#main/meteredStore.ts";
import { createScrape } from "#main/scrape.ts";
import { createServiceMeter } from "#main/serviceMeter.ts";
import { watchEventLoop } from "#main/watchEventLoop.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { parseExposition } from "../../test/fakes/parseExposition.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";

const valueIn = (text: string, line: string): string | undefined =>
  text
    .split("\n")
    .find((one) => one.startsWith(`${line} `))
    ?.slice(line.length + 1);

it("counts what the store could not do, and not what those who work on it refuse", async () => {
  const meter = createServiceMeter();
  const store = meteredStore(await openSqliteStore({ file: ":memory:" }), meter);
  const ctx = testCtx();
  const fail = (code: "STORE_FAILED" | "NOT_FOUND") => async (): Promise<never> => {
    throw new WaybillError(code, "no");
  };
  expect(await codeOfPromise(store.write(ctx, fail("STORE_FAILED")))).toBe("STORE_FAILED");
  expect(await codeOfPromise(store.read(ctx, fail("NOT_FOUND")))).toBe("NOT_FOUND");
  await store.close();
  expect(await codeOfPromise(store.read(ctx, async () => 1))).toBe("STORE_FAILED");
  const text = meter.text();
  expect(valueIn(text, 'waybill_store_failures_total{kind="write"}')).toBe("1");
  expect(valueIn(text, 'waybill_store_failures_total{kind="read"}')).toBe("1");
  expect(valueIn(text, 'waybill_store_transaction_duration_seconds_count{kind="read"}')).toBe("2");
});

it("counts signatures that failed", async () => {
  const meter = createServiceMeter();
  const sign = async (): Promise<never> => Promise.reject(new WaybillError("KEY_UNREADABLE", "no"));
  const signer = meteredSigner({ ...createTestSigner(), sign }, meter);
  expect(await codeOfPromise(signer.sign(testCtx(), Buffer.from("x")))).toBe("KEY_UNREADABLE");
  const text = meter.text();
  expect(valueIn(text, 'attest_sign_requests_total{purpose="issue",result="failed"}')).toBe("1");
  expect(valueIn(text, 'attest_sign_requests_total{purpose="issue",result="ok"}')).toBe("0");
  expect(valueIn(text, "attest_sign_duration_seconds_count")).toBe("1");
});

it("tells how late timers run", async () => {
  const meter = createServiceMeter();
  const watch = watchEventLoop(meter);
  const end = performance.now() + 700;
  while (performance.now() < end);
  await expect.poll(() => valueIn(meter.text(), "waybill_event_loop_lag_seconds_count")).not.toBe("0");
  watch.stop();
  expect(Number(valueIn(meter.text(), "waybill_event_loop_lag_seconds_sum"))).toBeGreaterThan(0.5);
});

it("tells that the store is away, nothing old of it, and all the rest; and how far the clock is behind", async () => {
  const meter = createServiceMeter();
  const store = await openSqliteStore({ file: ":memory:" });
  const clock = manualClock(10_000);
  const ctx = testCtx({ clock });
  const scrape = createScrape({ meter, store, hasKey: () => true });
  const event = { tenant: "default", actor: "cli", action: "a", object: "o", requestId: undefined, detail: {} };
  await store.write(ctx, ({ audit }) => audit.append({ ...event, at: 12_500 }));
  const job = { id: "1", tenant: "default", kind: "issue", object: "o", state: "queued", attempts: 0 } as const;
  const rest = { runAt: 4000, owner: undefined, leaseUntil: undefined, reason: undefined, createdAt: 1 };
  await store.write(ctx, ({ jobs }) => jobs.insert({ ...job, ...rest }));
  const well = await scrape(ctx);
  expect(valueIn(well, "waybill_store_up")).toBe("1");
  expect(valueIn(well, "waybill_clock_behind_seconds")).toBe("2.5");
  expect(valueIn(well, "waybill_jobs_oldest_due_seconds")).toBe("6");
  expect(valueIn(well, 'waybill_jobs{state="due"}')).toBe("1");
  await store.close();
  const away = parseExposition(await scrape(ctx));
  expect(away.get("waybill_store_up")?.samples[0]?.value).toBe(0);
  for (const name of [
    "waybill_jobs",
    "waybill_jobs_oldest_due_seconds",
    "attest_key_state",
    "waybill_clock_behind_seconds",
  ])
    expect(away.get(name)?.samples).toEqual([]);
  expect(away.get("waybill_key_available")?.samples[0]?.value).toBe(1);

  const silent = createScrape({
    meter,
    store: { ...store, read: () => new Promise<never>(() => undefined) },
    hasKey: () => true,
  });
  const answer = silent(ctx);
  clock.advance(2000);
  expect(valueIn(await answer, "waybill_store_up")).toBe("0");
});
