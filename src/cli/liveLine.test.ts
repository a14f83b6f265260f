import { describe, expect, it } from "vitest";
import { openReporter } from "#cli/reporter.ts";
import type { Manner } from "#cli/reporter.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { memoryTerminal } from "../../test/fakes/memoryTerminal.ts";

const MANNER: Manner = { progress: "auto", quiet: false, verbose: false };
const ERASE = "\r\u001b[K";

const open = (isTerminal: boolean, columns = 80) => {
  const terminal = memoryTerminal({ isTerminal, columns, env: { NO_COLOR: "1" } });
  const clock = manualClock();
  return { terminal, clock, reporter: openReporter(terminal, clock, MANNER) };
};

describe("progress on a terminal", () => {
  it("shows the step and its transfer on one changing line, and keeps what is finished", () => {
    const { terminal, clock, reporter } = open(true);
    reporter.emit({ kind: "step.started", step: "sbom", subject: "app:1" });
    clock.advance(100);
    reporter.emit({ kind: "bytes", label: "layer 1", done: 5_000_000, total: 20_000_000 });
    reporter.emit({ kind: "step.finished", step: "sbom", subject: "app:1", note: "12 packages" });
    reporter.clear();
    const live = "sbom: app:1  [#####---------------] 5.0 MB of 20.0 MB";
    expect(terminal.err()).toContain(`${ERASE}sbom: app:1${ERASE}${live}`);
    expect(terminal.err()).toContain(`${ERASE}✓ sbom: done, 12 packages\n`);
    expect(terminal.err().endsWith(ERASE)).toBe(true);
  });

  it("draws at most ten times a second", () => {
    const { terminal, reporter, clock } = open(true);
    for (let done = 0; done < 1000; done++) {
      reporter.emit({ kind: "bytes", label: "layer", done, total: 1000 });
      clock.advance(1);
    }
    expect(terminal.err().split(ERASE).length - 1).toBeLessThanOrEqual(11);
  });

  it("never fills the last column and never passes on escape sequences", () => {
    const { terminal, reporter } = open(true, 20);
    reporter.emit({ kind: "step.started", step: "sbom", subject: `\u001b[31m${"x".repeat(100)}` });
    const shown = terminal.err().slice(ERASE.length);
    expect(shown).toHaveLength(19);
    expect(shown).not.toContain("\u001b");
  });

  it("puts lasting lines above the changing one", () => {
    const { terminal, reporter } = open(true);
    reporter.emit({ kind: "step.started", step: "sign", subject: "app:1" });
    reporter.warn("careful");
    expect(terminal.err()).toBe(`${ERASE}sign: app:1${ERASE}warning: careful\nsign: app:1`);
  });
});

describe("progress in a log", () => {
  it("tells steps, retries and the quarters of large transfers", () => {
    const { terminal, reporter } = open(false);
    reporter.emit({ kind: "step.started", step: "sbom", subject: "app:1" });
    for (let done = 0; done <= 100; done++)
      reporter.emit({ kind: "bytes", label: "layer", done: done * 1e6, total: 1e8 });
    reporter.emit({ kind: "bytes", label: "small", done: 50, total: 100 });
    reporter.emit({ kind: "retry", what: "GET /v2/", attempt: 1, delayMs: 1500, reason: "503" });
    reporter.emit({ kind: "step.finished", step: "sbom", subject: "app:1" });
    expect(terminal.err().split("\n")).toEqual([
      "sbom: app:1",
      "layer: 25 % of 100.0 MB",
      "layer: 50 % of 100.0 MB",
      "layer: 75 % of 100.0 MB",
      "layer: 100 % of 100.0 MB",
      "retry 1: GET /v2/ in 1.5 s (503)",
      "sbom: done",
      "",
    ]);
  });
});
