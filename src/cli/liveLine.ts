import { describeFinished, describeRetry } from "#cli/describeEvent.ts";
import { formatBytes } from "#cli/formatBytes.ts";
import type { Screen } from "#cli/screen.ts";
import type { Clock } from "#core/clock.ts";
import type { ProgressEvent } from "#core/ctx.ts";

// Ten pictures a second are smooth; more only cost time on slow terminals.
const MIN_INTERVAL_MS = 100;
const BAR_WIDTH = 20;

/** Progress on a terminal: finished steps and retries stay, the step under way and its transfers share one changing line. */
export const openLiveLine = (screen: Screen, clock: Clock): ((event: ProgressEvent) => void) => {
  const steps = new Map<string, string>();
  const transfers = new Map<string, { readonly done: number; readonly total: number }>();
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (now: number): void => {
    drawnAt = now;
    screen.live([...steps.values()].slice(-1).concat(bar(transfers)).filter(Boolean).join("  "));
  };
  return (event) => {
    const now = clock.now();
    if (event.kind === "bytes") {
      if (event.done >= event.total) transfers.delete(event.label);
      else transfers.set(event.label, event);
      if (now - drawnAt >= MIN_INTERVAL_MS) draw(now);
      return;
    }
    if (event.kind === "step.started") steps.set(`${event.step} ${event.subject}`, `${event.step}: ${event.subject}`);
    if (event.kind === "step.finished") {
      steps.delete(`${event.step} ${event.subject}`);
      screen.line(screen.paint("green", "✓ "), describeFinished(event));
    }
    if (event.kind === "retry") screen.line(screen.paint("yellow", "… "), describeRetry(event));
    draw(now);
  };
};

/** All transfers under way as one bar. */
const bar = (transfers: ReadonlyMap<string, { readonly done: number; readonly total: number }>): string => {
  if (transfers.size === 0) return "";
  const sum = (pick: "done" | "total"): number => transfers.values().reduce((total, one) => total + one[pick], 0);
  const [done, total] = [sum("done"), sum("total")];
  const full = Math.round((done / total) * BAR_WIDTH);
  return `[${"#".repeat(full)}${"-".repeat(BAR_WIDTH - full)}] ${formatBytes(done)} of ${formatBytes(total)}`;
};
