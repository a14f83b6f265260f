import type { JSX } from "preact";
import type { Build, Operation, Paper } from "../apiTypes.ts";
import { countOf } from "../shortText.ts";
import { stateWords } from "../stateWords.ts";
import { StateBadge } from "./stateBadge.tsx";
import { TimeText } from "./timeText.tsx";

interface TimelineProps {
  readonly build: Build;
  readonly operation: Operation;
  /** The build's own, where the service has confirmed one. */
  readonly signature: Paper | undefined;
}

/** How a build came to its papers, oldest first. */
export const Timeline = ({ build, operation, signature }: TimelineProps): JSX.Element => (
  <ol class="timeline">
    <li>
      <p>Build registered</p>
      <TimeText time={build.created_at} exact />
    </li>
    <li>
      <p>
        Papers asked for <span class="dim">{operation.mode === "gate" ? "as a gate" : ""}</span>
      </p>
      <TimeText time={operation.created_at} exact />
    </li>
    <li>
      <p>
        <StateBadge words={stateWords(operation.state)} />{" "}
        {operation.attempts === 0 ? "not tried yet" : `after ${countOf(operation.attempts, "attempt")}`}
      </p>
      {operation.reason === null ? null : <p class="dim breakable">{operation.reason.message}</p>}
      <TimeText time={operation.updated_at} exact />
    </li>
    {signature === undefined ? null : (
      <li>
        <p>Signature read back and confirmed</p>
        <TimeText time={signature.verified_at} exact />
      </li>
    )}
  </ol>
);
