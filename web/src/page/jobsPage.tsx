import type { JSX } from "preact";
import type { Job } from "../apiTypes.ts";
import { issueCommand } from "../commands.ts";
import { CommandList } from "../part/commandList.tsx";
import type { Column } from "../part/dataTable.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { StateBadge } from "../part/stateBadge.tsx";
import { StateList } from "../part/stateList.tsx";
import { TimeText } from "../part/timeText.tsx";
import { stateWords } from "../stateWords.ts";

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

const EXAMPLE = { app: "my-app", build_id: "build-1" };

const STATES = ["queued", "leased", "done", "dead"] as const;

/** What the worker has to do, did, and gave up. */
export const JobsPage = (): JSX.Element => (
  <>
    <PageHead title="Jobs" />
    <StateList<Job>
      path="/v1/jobs"
      limit={50}
      concerns={({ kind }) => kind === "operation"}
      caption="jobs"
      states={STATES}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      empty={(state) =>
        state === "" ? (
          <EmptyState title="No jobs">
            <p>A job is put here for each request to issue papers; finished ones stay for a while.</p>
            <CommandList commands={[issueCommand(EXAMPLE, globalThis.location.origin)]} />
          </EmptyState>
        ) : (
          <EmptyState title="No job is in this state">
            <p>Choose another state to see other jobs.</p>
          </EmptyState>
        )
      }
    />
  </>
);
