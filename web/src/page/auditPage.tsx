import type { JSX } from "preact";
import type { AuditEntry } from "../apiTypes.ts";
import { queryValue, setQueryValue } from "../location.ts";
import { DataTable } from "../part/dataTable.tsx";
import type { Column } from "../part/dataTable.tsx";
import { DigestText } from "../part/digestText.tsx";
import { ChoiceField, SearchField } from "../part/filterField.tsx";
import { Loaded } from "../part/loaded.tsx";
import { CommandList } from "../part/commandList.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { TimeText } from "../part/timeText.tsx";
import { tallyValues } from "../tallyValues.ts";
import { useList } from "../useList.ts";
import type { KnownList } from "../useList.ts";
import { useSettled } from "../useSettled.ts";

const detailText = ({ detail }: AuditEntry): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");

/** A value that is also what its filter would be set to. */
const filterCell = (name: "actor" | "action" | "object") => (entry: AuditEntry) => (
  <button
    type="button"
    class="quiet as-text"
    aria-label={`${entry[name]}: show these entries only`}
    onClick={() => setQueryValue(name, entry[name])}
  >
    {entry[name]}
  </button>
);

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: "No.", cell: ({ seq }) => seq, text: ({ seq }) => seq, number: true },
  { title: "When", cell: ({ at }) => <TimeText time={at} exact />, text: ({ at }) => at },
  { title: "Who", cell: filterCell("actor"), text: ({ actor }) => actor },
  { title: "Did", cell: filterCell("action"), text: ({ action }) => action },
  { title: "To", cell: filterCell("object"), text: ({ object }) => object },
  { title: "Details", cell: (entry) => <span class="breakable clamped">{detailText(entry)}</span>, text: detailText },
  {
    title: "Hash",
    cell: ({ hash }) => <DigestText digest={`sha256:${hash}`} what="entry hash" />,
    text: ({ hash }) => hash,
  },
];

const FILTERS = [
  ["actor", "Who"],
  ["action", "Did"],
  ["object", "To"],
] as const;

/** Who changed what, newest first if nothing else is asked for. */
export const AuditPage = (): JSX.Element => {
  const known = useList<AuditEntry>({ path: useAuditPath(), limit: 50, pages: 1 }, () => true);
  return (
    <>
      <PageHead title="Audit" />
      {known.refusal?.status === 404 ? <NotForThisToken /> : <Entries known={known} />}
    </>
  );
};

const useAuditPath = (): string => {
  const query = new URLSearchParams({ order: queryValue("order") === "oldest" ? "oldest" : "newest" });
  const wanted = FILTERS.map(([name]) => [name, useSettled(queryValue(name)).trim()] as const);
  for (const [name, value] of wanted) if (value !== "") query.set(name, value);
  return `/v1/audit?${query}`;
};

const NotForThisToken = (): JSX.Element => (
  <EmptyState title="This token may not read the audit log">
    <p>An auditor's token may. An operator of the service makes one:</p>
    <CommandList
      commands={[{ title: "Make an auditor's token", text: "waybill tokens create --name audit --role auditor" }]}
    />
  </EmptyState>
);

const Entries = ({ known }: { readonly known: KnownList<AuditEntry> }): JSX.Element => (
  <>
    <AuditFilters entries={known.value?.items ?? []} />
    <Loaded known={known}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState title="No entry fits">
            <p>Names are compared whole: choose one of those that are offered, or empty the fields.</p>
          </EmptyState>
        ) : (
          <>
            <p class="dim">Each entry's hash covers it and the hash of the one before it.</p>
            <DataTable
              caption="audit log"
              columns={COLUMNS}
              rows={items}
              rowKey={({ seq }) => String(seq)}
              more={known.more}
            />
          </>
        )
      }
    </Loaded>
  </>
);

const AuditFilters = ({ entries }: { readonly entries: readonly AuditEntry[] }): JSX.Element => (
  <div class="filters" role="search">
    {FILTERS.map(([name, label]) => (
      <SearchField
        key={name}
        label={label}
        value={queryValue(name)}
        onChange={(value) => setQueryValue(name, value)}
        offers={tallyValues(entries, (entry) => [entry[name]]).map(({ value }) => value)}
      />
    ))}
    <ChoiceField
      label="Order"
      value={queryValue("order")}
      onChange={(value) => setQueryValue("order", value)}
      none="Newest first"
      choices={[["oldest", "Oldest first"]]}
    />
  </div>
);
