import type { JSX } from "preact";
import type { Build } from "../apiTypes.ts";
import { queryValue, setQueryValue } from "../location.ts";
import { DataTable } from "../part/dataTable.tsx";
import type { Column } from "../part/dataTable.tsx";
import { DigestText } from "../part/digestText.tsx";
import { ChoiceField } from "../part/filterField.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { RouteLink } from "../part/routeLink.tsx";
import { SignedBadge } from "../part/signedBadge.tsx";
import { TimeText } from "../part/timeText.tsx";
import { stateWords } from "../stateWords.ts";
import { useList } from "../useList.ts";

const COLUMNS: readonly Column<Build>[] = [
  {
    title: "Build",
    cell: ({ app, build_id: build }) => <RouteLink to={{ page: "build", app, build }}>{build}</RouteLink>,
    text: ({ build_id: build }) => build,
  },
  { title: "Papers", cell: (build) => <SignedBadge build={build} />, text: ({ state }) => state },
  {
    title: "Image",
    cell: ({ image }) =>
      image === null ? (
        <span class="dim">none yet</span>
      ) : (
        <DigestText digest={image.digest} what="image digest" image />
      ),
    text: ({ image }) => image?.reference ?? "",
  },
  {
    title: "Commit",
    cell: ({ commit_sha: commit }) =>
      commit === null ? <span class="dim">not stated</span> : <code class="breakable">{commit.slice(0, 12)}</code>,
    text: ({ commit_sha: commit }) => commit ?? "",
  },
  {
    title: "Registered",
    cell: ({ created_at: created }) => <TimeText time={created} />,
    text: ({ created_at: created }) => created,
  },
];

const STATES = ["pending", "running", "done", "failed", "skipped", "signing_unavailable"] as const;

/** The builds of an app, newest first. */
export const AppPage = ({ app }: { readonly app: string }): JSX.Element => {
  const state = queryValue("state");
  const path = `/v1/apps/${encodeURIComponent(app)}/builds${state === "" ? "" : `?state=${encodeURIComponent(state)}`}`;
  const known = useList<Build>({ path, limit: 25, pages: 1 }, (event) => event.app === app);
  return (
    <>
      <PageHead title={app} trail={<RouteLink to={{ page: "apps" }}>Apps</RouteLink>} />
      <div class="filters" role="search">
        <ChoiceField
          label="State"
          value={state}
          onChange={(value) => setQueryValue("state", value)}
          choices={STATES.map((one) => [one, stateWords(one).text] as const)}
        />
      </div>
      <Loaded known={known}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No build is in this state">
              <p>Choose another state to see the app's other builds.</p>
            </EmptyState>
          ) : (
            <DataTable
              caption={`builds of ${app}`}
              columns={COLUMNS}
              rows={items}
              rowKey={({ build_id: build }) => build}
              more={known.more}
            />
          )
        }
      </Loaded>
    </>
  );
};
