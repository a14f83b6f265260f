import type { ComponentChildren, JSX } from "preact";
import { writeCsv, writeJson } from "../exportTable.ts";
import type { ExportRow } from "../exportTable.ts";
import { saveFile } from "../saveFile.ts";
import { Icon } from "./icon.tsx";

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** What the export has in this column. */
  readonly text: (row: T) => string | number;
  readonly number?: boolean;
}

interface DataTableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** How many rows there are beyond these, where that is known. */
  readonly more?: (() => void) | undefined;
  /** Of the rows, how many are drawn; the export has them all. */
  readonly drawn?: number;
}

// The roles repeat what the elements mean: on narrow screens rows are blocks, and browsers then forget the table.
/** A table that becomes a list of cards where it is narrow, with its rows as CSV and JSON. */
export const DataTable = <T,>(props: DataTableProps<T>): JSX.Element => {
  const { caption, columns, rows, rowKey, more, drawn } = props;
  return (
    <>
      <table role="table">
        <caption class="unseen">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ title, number }) => (
              <th key={title} role="columnheader" scope="col" class={number ? "number" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.slice(0, drawn).map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map(({ title, cell, number }) => (
                <td key={title} role="cell" data-title={title} class={number ? "number" : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div class="table-foot">
        {more === undefined ? null : (
          <button type="button" onClick={more}>
            Show more
          </button>
        )}
        <ExportButtons caption={caption} columns={columns} rows={rows} />
      </div>
    </>
  );
};

const ExportButtons = <T,>({ caption, columns, rows }: Pick<DataTableProps<T>, "caption" | "columns" | "rows">) => {
  const texts = (): readonly ExportRow[] =>
    rows.map((row) => Object.fromEntries(columns.map(({ title, text }) => [title, text(row)])));
  const titles = columns.map(({ title }) => title);
  const save = (ending: string, type: string, content: () => string): JSX.Element => (
    <button
      type="button"
      class="quiet"
      aria-label={`Save ${caption} as ${ending.toUpperCase()}`}
      onClick={() => saveFile(`${caption}.${ending}`, new Blob([content()], { type }))}
    >
      <Icon name="save" /> {ending.toUpperCase()}
    </button>
  );
  return (
    <span class="exports">
      {save("csv", "text/csv", () => writeCsv(titles, texts()))}
      {save("json", "application/json", () => writeJson(texts()))}
    </span>
  );
};
