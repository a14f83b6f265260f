import type { ComponentChildren, JSX } from "preact";
import type { Known } from "../useAnswer.ts";
import { RefusalNotice } from "./notice.tsx";

interface LoadedProps<T> {
  readonly known: Known<T>;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows what is known; where nothing is yet, that it is on its way, or why it is not. */
export const Loaded = <T,>({ known, children }: LoadedProps<T>): JSX.Element => (
  <>
    {known.refusal === undefined ? null : <RefusalNotice refusal={known.refusal} />}
    {known.value === undefined
      ? known.refusal === undefined && (
          <p class="loading" role="status">
            Loading…
          </p>
        )
      : children(known.value)}
  </>
);
