import type { JSX } from "preact";
import type { Job } from "../apiTypes.ts";
import { queryValue, setQueryValue } from "../location.ts";
import { DataTable } from "../part/dataTable.tsx";
import type { Column } from "../part/dataTable.tsx";
import { ChoiceField } from "../part/filterField.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { StateBadge } from "../part/stateBadge.tsx";
import { TimeText } from "../part/timeText.tsx";
import { stateWords } from "../stateWords.ts";
import { useList } from "../useList.ts";

const COLUMNS: readonly Column<Job>[] = [
  { title: "State", cell: ({ state }) => <StateBadge words={stateWords(state)} />, text: ({ state }) => state },
  {
    title: "Operation",
    cell: ({ operation }) => <code class="breakable">{operation}</code>,
    text: ({ operation }) => operation,
  },
  { title: "Attempts", cell: ({ attempts }) => attempts, text: ({ attempts }) => attempts, number: true },
  { title: "Due", cell: ({ run_at: due }) => <TimeText time={due} />, text: ({ run_at: due }) => due },
  {
    title: "Worker",
    cell: ({ owner }) => (owner === null ? <span class="dim">none</span> : <code class="breakable">{owner}</code>),
    text: ({ owner }) => owner ?? "",
  },
  {
    title: "Reason",
    cell: ({ reason }) => (reason === null ? <span class="dim">none</span> : <span class="breakable">{reason}</span>),
    text: ({ reason }) => reason ?? "",
  },
];

const STATES = ["queued", "leased", "done", "dead"] as const;

/** What the worker has to do, did, and gave up. */
export const JobsPage = (): JSX.Element => {
  const state = queryValue("state");
  const path = state === "" ? "/v1/jobs" : `/v1/jobs?state=${encodeURIComponent(state)}`;
  const known = useList<Job>({ path, limit: 50, pages: 1 }, ({ kind }) => kind === "operation");
  return (
    <>
      <PageHead title="Jobs" />
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
            <EmptyState title="No jobs">
              <p>A job is put here for each request to issue papers; finished ones stay for a while.</p>
            </EmptyState>
          ) : (
            <DataTable caption="jobs" columns={COLUMNS} rows={items} rowKey={({ id }) => id} more={known.more} />
          )
        }
      </Loaded>
    </>
  );
};
