import { expect, it } from "vitest";
import { createMeter } from "#main/meter.ts";

it("writes Prometheus' text format", () => {
  const meter = createMeter();
  meter.count("waybill_jobs_total", { result: 'a"b\\c\nd' });
  meter.count("waybill_jobs_total", { result: "done" }, 2);
  meter.count("waybill_jobs_total", { result: "done" });
  meter.set("waybill_key_available", 1);
  meter.set("waybill_key_available", 0);
  meter.observe("waybill_job_duration_seconds", 0.05);
  meter.observe("waybill_job_duration_seconds", 100);
  const lines = meter.text().split("\n");
  expect(lines).toContain('waybill_jobs_total{result="a\\"b\\\\c\\nd"} 1');
  expect(lines).toContain('waybill_jobs_total{result="done"} 3');
  expect(lines).toContain("waybill_key_available 0");
  expect(lines).toContain('waybill_job_duration_seconds_bucket{le="0.025"} 0');
  expect(lines).toContain('waybill_job_duration_seconds_bucket{le="0.1"} 1');
  expect(lines).toContain('waybill_job_duration_seconds_bucket{le="+Inf"} 2');
  expect(lines).toContain("waybill_job_duration_seconds_sum 100.05");
  expect(lines).toContain("waybill_job_duration_seconds_count 2");
  expect(lines.filter((line) => line.startsWith("# TYPE"))).toHaveLength(8);
  expect(lines.at(-1)).toBe("");
});
