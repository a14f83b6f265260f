import { describe, expect, it } from "vitest";
import type { LogEntry } from "#claims/logEntry.ts";
import { isFault } from "#trust/fault.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import { verifyLogEntries } from "#trust/verifyLogEntries.ts";
import { createSigner, writeBody } from "../../test/fakes/logBodies.ts";
import { createTestLog } from "../../test/fakes/testLog.ts";
import type { TestLog, TestLogWish } from "../../test/fakes/testLog.ts";

const thing = createSigner("p256").message(Buffer.from("a message"));
const body = writeBody("hashedrekord 0.0.1", thing);

const verify = (entries: readonly LogEntry[], roots: readonly TrustRoot[]) => {
  const verdict = verifyLogEntries(entries, thing, roots);
  return isFault(verdict) ? verdict.code : verdict;
};
const count = (logs: readonly TestLog[], names: readonly (Partial<TrustRoot["logs"][number]> | undefined)[] = []) =>
  verify(
    logs.map((log) => log.log(body)),
    logs.map((log, at) => ({ ...log.root, logs: [{ ...log.trusted, ...names[at] }] })),
  );
const create = (wish?: TestLogWish): TestLog => createTestLog(wish);

describe("log entries of one signature", () => {
  it("are counted by the logs that they are in", () => {
    expect(count([])).toEqual({ entries: [], logs: 0, unknown: [] });
    expect(count([create()])).toMatchObject({ logs: 1 });
    expect(count([create(), create({ host: "second.example" })])).toMatchObject({ logs: 2 });
  });

  // Attack 18, CVE-2026-49834.
  it("count once for logs of one key or of one operator", () => {
    const [one, other, third] = [create(), create(), create()];
    const sameOperator = { operator: "sigstore.dev" };
    expect(count([one, other], [sameOperator, sameOperator])).toMatchObject({ logs: 1 });
    expect(count([one, other], [sameOperator, { operator: "example.com" }])).toMatchObject({ logs: 2 });
    expect(count([one, other], [sameOperator])).toMatchObject({ logs: 2 });
    const sameKey = { keyId: one.trusted.keyId };
    expect(count([one, other], [{ operator: "a" }, { operator: "b", ...sameKey }])).toMatchObject({ logs: 1 });
    // The first two are strangers until the third turns out to be kin of both.
    const kin = [{ operator: "a" }, { operator: "b" }, { operator: "b", ...sameKey }];
    expect(count([one, other, third], kin)).toMatchObject({ logs: 1 });
  });

  it("count once for two entries in one log", () => {
    const log = create();
    const [first, second] = [log.log(body), log.log(Buffer.concat([body, Buffer.from("\n")]))];
    expect(verify([first, second], [log.root])).toMatchObject({ logs: 1, entries: [{}, {}] });
  });

  it("are refused when one is there twice, also under another index", () => {
    const log = create();
    const entry = log.log(body);
    expect(verify([entry, entry], [log.root])).toBe("log-duplicate");
    expect(verify([entry, { ...entry, promise: undefined, index: entry.index + 1n }], [log.root])).toBe(
      "log-duplicate",
    );
    expect(verify([entry, { ...entry, body: Buffer.from("{}") }], [log.root])).toBe("log-duplicate");
    expect(verify([entry, entry], [])).toBe("log-duplicate");
  });

  it("are not spoilt by one of a log that nobody trusts, which counts for nothing", () => {
    const [known, stranger] = [create(), create()];
    const verdict = verify([stranger.log(body), known.log(body)], [known.root]);
    expect(verdict).toMatchObject({ logs: 1, entries: [{ log: known.trusted }], unknown: [{ code: "log-unknown" }] });
    expect(verify([stranger.log(body)], [known.root])).toMatchObject({ logs: 0, entries: [] });
  });

  it("are all refused for one that is wrong", () => {
    const [one, other] = [create(), create()];
    const wrong = { ...other.log(body), promise: Buffer.from("no signature") };
    expect(verify([one.log(body), wrong], [one.root, other.root])).toBe("log-promise");
  });

  it("are at most 32", () => {
    const log = create();
    const entry = log.log(body);
    const many = Array.from({ length: 33 }, (_, at) => ({ ...entry, index: BigInt(at) }));
    expect(verify(many, [log.root])).toBe("log-count");
    expect(verify(many.slice(1), [log.root])).not.toBe("log-count");
  });
});
