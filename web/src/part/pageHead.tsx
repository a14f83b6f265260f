import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface PageHeadProps {
  readonly title: string;
  /** What the page is a part of. */
  readonly trail?: ComponentChildren;
  readonly children?: ComponentChildren;
}

// The first page that is shown keeps the browser's own focus; later ones take it, as a page that loads would.
let first = true;

/** The title of a page: of the tab too, and where the keyboard stands when the page opens. */
export const PageHead = ({ title, trail, children }: PageHeadProps): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Waybill`;
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
  }, [title]);
  return (
    <header class="page-head">
      {trail === undefined ? null : (
        <nav class="trail" aria-label="Part of">
          {trail}
        </nav>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </header>
  );
};
