import { formatBytes } from "#cli/formatBytes.ts";
import type { ProgressEvent } from "#core/ctx.ts";

// Smaller transfers are over before anybody reads of them.
const WORTH_TELLING = 32 * 1024 * 1024;

/** Progress as lines for a log: steps, retries, and the quarters of large transfers. One function per run: it remembers. */
export const describeEvent = (): ((event: ProgressEvent) => string | undefined) => {
  const quarters = new Map<string, number>();
  return (event) => {
    if (event.kind === "step.started") return `${event.step}: ${event.subject}`;
    if (event.kind === "step.finished") return describeFinished(event);
    if (event.kind === "retry") return describeRetry(event);
    if (event.kind === "warning") return `warning: ${event.message}`;
    if (event.total < WORTH_TELLING) return undefined;
    const quarter = Math.floor((event.done / event.total) * 4);
    if (quarter === (quarters.get(event.label) ?? 0)) return undefined;
    quarters.set(event.label, quarter);
    return `${event.label}: ${quarter * 25} % of ${formatBytes(event.total)}`;
  };
};

/** A finished step in a line. */
export const describeFinished = (event: ProgressEvent & { readonly kind: "step.finished" }): string =>
  `${event.step}: done${event.note === undefined ? "" : `, ${event.note}`}`;

/** A retry in a line. */
export const describeRetry = (event: ProgressEvent & { readonly kind: "retry" }): string =>
  `retry ${event.attempt}: ${event.what} in ${(event.delayMs / 1000).toFixed(1)} s (${event.reason})`;
