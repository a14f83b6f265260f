import type { JSX } from "preact";
import type { Build } from "../apiTypes.ts";
import type { Column } from "../part/dataTable.tsx";
import { DigestText } from "../part/digestText.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { RouteLink } from "../part/routeLink.tsx";
import { SignedBadge } from "../part/signedBadge.tsx";
import { StateList } from "../part/stateList.tsx";
import { TimeText } from "../part/timeText.tsx";

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
export const AppPage = ({ app }: { readonly app: string }): JSX.Element => (
  <>
    <PageHead title={app} trail={<RouteLink to={{ page: "apps" }}>Apps</RouteLink>} />
    <StateList<Build>
      path={`/v1/apps/${encodeURIComponent(app)}/builds`}
      limit={25}
      concerns={(event) => event.app === app}
      caption={`builds of ${app}`}
      states={STATES}
      columns={COLUMNS}
      rowKey={({ build_id: build }) => build}
      empty={() => (
        <EmptyState title="No build is in this state">
          <p>Choose another state to see the app's other builds.</p>
        </EmptyState>
      )}
    />
  </>
);
