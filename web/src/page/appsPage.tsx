import type { JSX } from "preact";
import type { App } from "../apiTypes.ts";
import { firstCommands } from "../commands.ts";
import { queryValue, setQueryValue } from "../location.ts";
import { CommandList } from "../part/commandList.tsx";
import { DataTable } from "../part/dataTable.tsx";
import type { Column } from "../part/dataTable.tsx";
import { SearchField } from "../part/filterField.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { RouteLink } from "../part/routeLink.tsx";
import { SignedBadge } from "../part/signedBadge.tsx";
import { TimeText } from "../part/timeText.tsx";
import { useList } from "../useList.ts";

const COLUMNS: readonly Column<App>[] = [
  {
    title: "App",
    cell: ({ name }) => <RouteLink to={{ page: "app", app: name }}>{name}</RouteLink>,
    text: ({ name }) => name,
  },
  { title: "Builds", cell: ({ builds }) => builds.toLocaleString("en"), text: ({ builds }) => builds, number: true },
  { title: "Latest build", cell: (app) => <LatestBuild app={app} />, text: ({ latest }) => latest?.build_id ?? "" },
  { title: "Its papers", cell: (app) => <LatestBadge app={app} />, text: ({ latest }) => latest?.state ?? "" },
  {
    title: "Changed",
    cell: ({ latest, created_at: created }) => <TimeText time={latest?.updated_at ?? created} />,
    text: ({ latest, created_at: created }) => latest?.updated_at ?? created,
  },
  {
    title: "Badge",
    cell: ({ public_badge: open }) => (open ? "public" : <span class="dim">with a token</span>),
    text: ({ public_badge: open }) => (open ? "public" : "with a token"),
  },
];

/** The tenant's apps. */
export const AppsPage = (): JSX.Element => {
  const known = useList<App>({ path: "/v1/apps", limit: 100, pages: 1 }, () => true);
  const wanted = queryValue("q");
  return (
    <>
      <PageHead title="Apps" />
      <Loaded known={known}>
        {({ items }) =>
          items.length === 0 ? (
            <NoApps />
          ) : (
            <>
              <div class="filters" role="search">
                <SearchField label="Find an app" value={wanted} onChange={(value) => setQueryValue("q", value)} />
              </div>
              <AppTable apps={items.filter(({ name }) => contains(name, wanted))} more={known.more} />
            </>
          )
        }
      </Loaded>
    </>
  );
};

const contains = (text: string, wanted: string): boolean => text.toLowerCase().includes(wanted.toLowerCase());

interface AppTableProps {
  readonly apps: readonly App[];
  readonly more: (() => void) | undefined;
}

const AppTable = ({ apps, more }: AppTableProps): JSX.Element => (
  <>
    {apps.length === 0 ? (
      <EmptyState title="No app has that in its name">
        <p>
          {more === undefined
            ? "Clear the search to see them all."
            : "There are more apps than are shown: ask for more below."}
        </p>
      </EmptyState>
    ) : null}
    <DataTable caption="apps" columns={COLUMNS} rows={apps} rowKey={({ name }) => name} more={more} />
  </>
);

const NoApps = (): JSX.Element => (
  <EmptyState title="No apps yet">
    <p>An app is there from its first build on.</p>
    <CommandList commands={firstCommands(globalThis.location.origin)} />
  </EmptyState>
);

const LatestBuild = ({ app: { name, latest } }: { readonly app: App }): JSX.Element =>
  latest === null ? (
    <span class="dim">none</span>
  ) : (
    <RouteLink to={{ page: "build", app: name, build: latest.build_id }}>{latest.build_id}</RouteLink>
  );

const LatestBadge = ({ app: { name, latest } }: { readonly app: App }): JSX.Element =>
  latest === null ? <span class="dim">none</span> : <SignedBadge build={{ app: name, ...latest }} />;
