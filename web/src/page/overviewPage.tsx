import type { JSX } from "preact";
import type { Build, Job, Operation, Overview } from "../apiTypes.ts";
import { firstCommands } from "../commands.ts";
import { Card } from "../part/card.tsx";
import { CommandList } from "../part/commandList.tsx";
import { CoverageRing } from "../part/coverageRing.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { RouteLink } from "../part/routeLink.tsx";
import { StateBadge } from "../part/stateBadge.tsx";
import { TimeText } from "../part/timeText.tsx";
import { countOf } from "../shortText.ts";
import { stateWords } from "../stateWords.ts";
import { useApi } from "../useAnswer.ts";
import { useList } from "../useList.ts";

const LATEST = 8;

/** How far the tenant's builds are covered by papers, and what needs somebody's attention. */
export const OverviewPage = (): JSX.Element => {
  const known = useApi<Overview>("/v1/overview", () => true);
  return (
    <>
      <PageHead title="Overview" />
      <Loaded known={known}>
        {(overview) => (countBuilds(overview) === 0 ? <FirstSteps /> : <Figures overview={overview} />)}
      </Loaded>
    </>
  );
};

const countBuilds = ({ states }: Overview): number => Object.values(states).reduce((sum, count) => sum + count, 0);

const FirstSteps = (): JSX.Element => (
  <EmptyState title="No builds yet">
    <p>A build platform registers each build here and asks for its papers; both show up on this page at once.</p>
    <p>
      It needs a token that may build: <code>waybill tokens create --name ci --role builder</code>
    </p>
    <CommandList commands={firstCommands(globalThis.location.origin)} />
  </EmptyState>
);

const Figures = ({ overview }: { readonly overview: Overview }): JSX.Element => (
  <div class="grid">
    <CoverageCard overview={overview} />
    <AttentionCard attention={overview.attention} />
    <StatesCard overview={overview} />
    <LatestCard />
  </div>
);

const CoverageCard = ({ overview: { coverage } }: { readonly overview: Overview }): JSX.Element => (
  <Card title="Coverage" wide>
    <p class="dim">
      Papers that the service has checked itself, of the{" "}
      {coverage.builds === 1 ? "newest build" : `newest ${coverage.builds} builds`}.
    </p>
    <div class="rings">
      <CoverageRing title="Signature confirmed" count={coverage.signed} of={coverage.builds} />
      <CoverageRing title="With SBOM" count={coverage.with_sbom} of={coverage.builds} />
      <CoverageRing title="With provenance" count={coverage.with_provenance} of={coverage.builds} />
    </div>
  </Card>
);

const STATES = ["done", "running", "pending", "signing_unavailable", "failed", "skipped"] as const;

const StatesCard = ({ overview: { states } }: { readonly overview: Overview }): JSX.Element => (
  <Card title="All builds">
    <ul class="counts">
      {STATES.map((state) => (
        <li key={state}>
          <StateBadge words={(states[state] ?? 0) === 0 ? { ...stateWords(state), tone: "calm" } : stateWords(state)} />
          <span class="figure">{(states[state] ?? 0).toLocaleString("en")}</span>
        </li>
      ))}
    </ul>
  </Card>
);

const AttentionCard = ({ attention }: { readonly attention: Overview["attention"] }): JSX.Element => {
  const builds = [...attention.failed, ...attention.signing_unavailable];
  // A job that was given up mostly has failed a build, which says more.
  const told = new Set(builds.map(({ operation }) => operation));
  const jobs = attention.dead_jobs.filter(({ operation }) => !told.has(operation));
  const count = builds.length + jobs.length;
  return (
    <Card title="Needs attention" wide>
      {count === 0 ? (
        <p class="all-well">
          <StateBadge words={{ tone: "good", text: "Nothing" }} /> No build has failed or waits for a key.
        </p>
      ) : (
        <ul class="rows">
          {builds.map((build) => (
            <AttentionBuild key={`${build.app}/${build.build_id}`} build={build} />
          ))}
          {jobs.map((job) => (
            <AttentionJob key={job.id} job={job} />
          ))}
        </ul>
      )}
    </Card>
  );
};

const AttentionBuild = ({ build }: { readonly build: Build }): JSX.Element => (
  <li>
    <StateBadge words={stateWords(build.state)} />
    <div>
      <RouteLink to={{ page: "build", app: build.app, build: build.build_id }}>
        {build.app} / {build.build_id}
      </RouteLink>
      {build.reason === null ? null : <p class="dim breakable">{build.reason.message}</p>}
    </div>
    <TimeText time={build.updated_at} />
  </li>
);

const AttentionJob = ({ job }: { readonly job: Job }): JSX.Element => (
  <li>
    <StateBadge words={stateWords(job.state)} />
    <div>
      <RouteLink to={{ page: "jobs" }}>Job given up after {countOf(job.attempts, "attempt")}</RouteLink>
      {job.reason === null ? null : <p class="dim breakable">{job.reason}</p>}
    </div>
    <TimeText time={job.created_at} />
  </li>
);

const LatestCard = (): JSX.Element => {
  const known = useList<Operation>({ path: "/v1/operations", limit: LATEST, pages: 1 }, () => true);
  return (
    <Card title="Latest requests for papers">
      <Loaded known={known}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="dim">No papers have been asked for yet.</p>
          ) : (
            <ul class="rows">
              {items.map((operation) => (
                <li key={operation.id}>
                  <StateBadge words={stateWords(operation.state)} />
                  <RouteLink to={{ page: "build", app: operation.app, build: operation.build_id }}>
                    {operation.app} / {operation.build_id}
                  </RouteLink>
                  <TimeText time={operation.updated_at} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
};
