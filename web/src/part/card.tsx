import type { ComponentChildren, JSX } from "preact";

interface CardProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Controls beside the title. */
  readonly aside?: ComponentChildren;
  readonly wide?: boolean;
}

/** A titled part of a page. */
export const Card = ({ title, children, aside, wide }: CardProps): JSX.Element => (
  <section class={wide ? "card wide" : "card"} aria-label={title}>
    <div class="card-head">
      <h2>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
);
