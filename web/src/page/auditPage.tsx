import type { JSX } from "preact";
import type { AuditEntry } from "../apiTypes.ts";
import { DataTable } from "../part/dataTable.tsx";
import type { Column } from "../part/dataTable.tsx";
import { DigestText } from "../part/digestText.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { TimeText } from "../part/timeText.tsx";
import { useList } from "../useList.ts";

const detailText = ({ detail }: AuditEntry): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: "No.", cell: ({ seq }) => seq, text: ({ seq }) => seq, number: true },
  { title: "When", cell: ({ at }) => <TimeText time={at} exact />, text: ({ at }) => at },
  { title: "Who", cell: ({ actor }) => <span class="breakable">{actor}</span>, text: ({ actor }) => actor },
  { title: "Did", cell: ({ action }) => <code class="unbroken">{action}</code>, text: ({ action }) => action },
  { title: "To", cell: ({ object }) => <span class="breakable">{object}</span>, text: ({ object }) => object },
  { title: "Details", cell: (entry) => <span class="breakable">{detailText(entry)}</span>, text: detailText },
  {
    title: "Hash",
    cell: ({ hash }) => <DigestText digest={`sha256:${hash}`} what="entry hash" />,
    text: ({ hash }) => hash,
  },
];

/** Who changed what, oldest first. */
export const AuditPage = (): JSX.Element => {
  const known = useList<AuditEntry>({ path: "/v1/audit", limit: 100, pages: 1 }, () => true);
  return (
    <>
      <PageHead title="Audit" />
      {known.refusal?.status === 404 ? (
        <EmptyState title="This token may not read the audit log">
          <p>
            An auditor's token may: <code>waybill tokens create --name audit --role auditor</code>
          </p>
        </EmptyState>
      ) : (
        <Loaded known={known}>
          {({ items }) => (
            <>
              <p class="dim">Oldest first. Each entry's hash covers it and the hash of the one before it.</p>
              <DataTable
                caption="audit log"
                columns={COLUMNS}
                rows={items}
                rowKey={({ seq }) => String(seq)}
                more={known.more}
              />
            </>
          )}
        </Loaded>
      )}
    </>
  );
};
