import type { ComponentChildren, JSX } from "preact";
import { openRoute } from "../location.ts";
import { routePath } from "../route.ts";
import type { Route } from "../route.ts";

interface RouteLinkProps {
  readonly to: Route;
  readonly children: ComponentChildren;
  readonly current?: boolean;
  readonly title?: string;
}

/** A link to a page of the dashboard; opening it in another tab stays the browser's matter. */
export const RouteLink = ({ to, children, current, title }: RouteLinkProps): JSX.Element => (
  <a
    href={routePath(to)}
    title={title}
    aria-current={current ? "page" : undefined}
    onClick={(event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      openRoute(to);
    }}
  >
    {children}
  </a>
);
