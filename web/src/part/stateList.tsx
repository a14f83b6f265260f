import type { JSX } from "preact";
import type { ComponentChildren } from "preact";
import { queryValue, setQueryValue } from "../location.ts";
import { stateWords } from "../stateWords.ts";
import type { AnyState } from "../stateWords.ts";
import type { Concerns } from "../useAnswer.ts";
import { useList } from "../useList.ts";
import { DataTable } from "./dataTable.tsx";
import type { Column } from "./dataTable.tsx";
import { ChoiceField } from "./filterField.tsx";
import { Loaded } from "./loaded.tsx";

interface StateListProps<T> {
  /** Of the API, without a query. */
  readonly path: string;
  readonly limit: number;
  readonly concerns: Concerns;
  readonly caption: string;
  readonly states: readonly AnyState[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  /** What stands there instead of an empty table; `state` is the one that is asked for, or empty. */
  readonly empty: (state: string) => ComponentChildren;
}

/** A list of the API that can be filtered by state; the address has the state. */
export const StateList = <T,>(props: StateListProps<T>): JSX.Element => {
  const { path, limit, concerns, caption, states, columns, rowKey, empty } = props;
  const state = queryValue("state");
  const query = state === "" ? "" : `?state=${encodeURIComponent(state)}`;
  const known = useList<T>({ path: path + query, limit, pages: 1 }, concerns);
  return (
    <>
      <div class="filters" role="search">
        <ChoiceField
          label="State"
          value={state}
          onChange={(value) => setQueryValue("state", value)}
          choices={states.map((one) => [one, stateWords(one).text] as const)}
        />
      </div>
      <Loaded known={known}>
        {({ items }) =>
          items.length === 0 ? (
            empty(state)
          ) : (
            <DataTable caption={caption} columns={columns} rows={items} rowKey={rowKey} more={known.more} />
          )
        }
      </Loaded>
    </>
  );
};
