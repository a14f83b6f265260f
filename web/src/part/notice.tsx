import type { ComponentChildren, JSX } from "preact";
import type { Refusal } from "../askApi.ts";

interface EmptyStateProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** What a place says that has nothing to show, and what to do about it. */
export const EmptyState = ({ title, children }: EmptyStateProps): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
);

/** Why something cannot be shown. */
export const RefusalNotice = ({ refusal }: { readonly refusal: Refusal }): JSX.Element => (
  <div class="refusal" role="alert">
    <p class="empty-title">{refusal.title}</p>
    <p>{refusal.detail}</p>
    <p>{refusal.hint}</p>
    {refusal.traceId === undefined ? null : (
      <p class="dim">
        Request <code>{refusal.traceId}</code>
      </p>
    )}
  </div>
);
