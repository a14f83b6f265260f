import type { JSX } from "preact";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { RouteLink } from "../part/routeLink.tsx";

export const MissingPage = (): JSX.Element => (
  <>
    <PageHead title="No such page" />
    <EmptyState title="There is nothing at this address">
      <p>
        <RouteLink to={{ page: "overview" }}>Go to the overview</RouteLink>
      </p>
    </EmptyState>
  </>
);
