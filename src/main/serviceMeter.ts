import { createMeterOf } from "#main/meter.ts";
import type { Labels, MeterOf, MetricTable } from "#main/meter.ts";

const oneOf = (name: string, values: readonly string[]): readonly Labels[] =>
  values.map((value) => ({ [name]: value }));

const each = (from: readonly Labels[], name: string, values: readonly string[]): readonly Labels[] =>
  from.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value })));

const JOB_ENDS = ["done", "retried", "dead", "interrupted", "lost", "parked", "ended"];

/** All values of `state` of `waybill_jobs`. */
export const JOB_STATES = ["due", "delayed", "parked", "leased", "dead"] as const;

/**
 * What the service counts, by name: those of evidence.md 4.4 that mean something here, and its own. Base units; no app, digest of
 * an image, tenant or anything else without end as a label.
 */
const METRICS = {
  attest_sign_requests_total: {
    kind: "counter",
    help: "Signatures asked for, by what for and result.",
    from: each([{ purpose: "issue" }], "result", ["ok", "failed"]),
  },
  attest_sign_duration_seconds: { kind: "histogram", help: "Time that one signature took.", from: [{}] },
  attest_verify_total: {
    kind: "counter",
    help: "Copies of papers that were read back and verified, by result and why not.",
    from: [{ result: "verified", reason: "none" }],
  },
  attest_verify_duration_seconds: {
    kind: "histogram",
    help: "Time that verifying one copy of a paper took, by its form.",
    from: oneOf("kind", ["simple-signing", "dsse"]),
  },
  attest_ingest_documents_total: {
    kind: "counter",
    help: "Papers that were put into the index when they were issued, by type and whether they were there already.",
    from: each(oneOf("type", ["signature", "sbom", "provenance"]), "result", ["new", "known"]),
  },
  attest_key_state: { kind: "gauge", help: "1 for the state that a key of the service is in, else 0." },
  waybill_key_available: { kind: "gauge", help: "1 while this process has a key that it can sign with.", from: [{}] },
  waybill_jobs_total: {
    kind: "counter",
    help: "Jobs that a worker of this process took up, by what became of them.",
    from: oneOf("result", JOB_ENDS),
  },
  waybill_job_duration_seconds: { kind: "histogram", help: "Time that a worker spent on one job.", from: [{}] },
  waybill_jobs: { kind: "gauge", help: "Jobs in the store by state; counted to 10000." },
  waybill_jobs_oldest_due_seconds: { kind: "gauge", help: "How long the job that is due longest has been due." },
  waybill_http_requests_total: { kind: "counter", help: "Requests, by method and status." },
  waybill_http_request_duration_seconds: {
    kind: "histogram",
    help: "Time from a request to the head of its answer.",
    from: [{}],
  },
  waybill_http_rate_limited_total: {
    kind: "counter",
    help: "Requests beyond what one may ask or hold open, answered 429.",
    from: [{}],
  },
  waybill_event_streams: { kind: "gauge", help: "Event streams that are open.", from: [{}] },
  waybill_waiting_requests: { kind: "gauge", help: "Requests that wait for an operation or a gate.", from: [{}] },
  waybill_store_up: { kind: "gauge", help: "1 where the store answered just now." },
  waybill_store_transaction_duration_seconds: {
    kind: "histogram",
    help: "Time of a transaction with its wait for its turn, by kind; those of issuing threads are not in it.",
    from: oneOf("kind", ["read", "write"]),
  },
  waybill_store_failures_total: {
    kind: "counter",
    help: "Transactions that the store did not do, by kind.",
    from: oneOf("kind", ["read", "write"]),
  },
  waybill_clock_behind_seconds: {
    kind: "gauge",
    help: "How far the clock is behind the newest entry of the audit log.",
  },
  waybill_event_loop_lag_seconds: { kind: "histogram", help: "How late timers of the process ran.", from: [{}] },
  process_resident_memory_bytes: { kind: "gauge", help: "Resident memory." },
  process_start_time_seconds: { kind: "gauge", help: "When the process began, seconds since 1970." },
} as const satisfies MetricTable<string>;

export type MetricName = keyof typeof METRICS;
export type Meter = MeterOf<MetricName>;

export const createServiceMeter = (): Meter => createMeterOf<MetricName>(METRICS);
