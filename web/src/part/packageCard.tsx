import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ImagePapers, Package } from "../apiTypes.ts";
import { queryValue, setQueryValue } from "../location.ts";
import { countOf } from "../shortText.ts";
import { useList } from "../useList.ts";
import type { KnownList } from "../useList.ts";
import { Card } from "./card.tsx";
import { CopyButton } from "./copyButton.tsx";
import { DataTable } from "./dataTable.tsx";
import type { Column } from "./dataTable.tsx";
import { ChoiceField, SearchField } from "./filterField.tsx";
import { Loaded } from "./loaded.tsx";
import { EmptyState } from "./notice.tsx";

// Two thousand packages at once are an ordinary distribution's image; more come on demand.
const PAGE = { limit: 200, pages: 10 };
const DRAWN = 50;
const TYPING_MS = 300;

const NO_LICENSE = "none stated";

const licenseOf = ({ licenses }: Package): string => (licenses === "" ? NO_LICENSE : licenses);

const COLUMNS: readonly Column<Package>[] = [
  { title: "Package", cell: ({ name }) => <strong class="breakable">{name}</strong>, text: ({ name }) => name },
  { title: "Version", cell: ({ version }) => <code class="breakable">{version}</code>, text: ({ version }) => version },
  { title: "Type", cell: ({ type }) => type, text: ({ type }) => type },
  {
    title: "Licences",
    cell: (row) => <span class={row.licenses === "" ? "dim" : "breakable"}>{licenseOf(row)}</span>,
    text: ({ licenses }) => licenses,
  },
  {
    title: "Package URL",
    cell: ({ purl }) => (
      <span class="digest">
        <code>{purl}</code>
        <CopyButton text={purl} what="package URL" />
      </span>
    ),
    text: ({ purl }) => purl,
  },
];

/** The packages that the image's attested SBOM names: to search, to filter and to save. */
export const PackageCard = ({ image }: { readonly image: ImagePapers }): JSX.Element => {
  const wanted = useSettled(queryValue("q"));
  const query = wanted === "" ? "" : `?q=${encodeURIComponent(wanted)}`;
  const path = `/v1/images/${image.digest}/packages${query}`;
  const known = useList<Package>({ path, ...PAGE }, (event) =>
    image.builds.some(({ app, build_id: build }) => event.app === app && event.build_id === build),
  );
  return (
    <Card title="Packages" wide>
      <PackageFilters packages={known.value?.items ?? []} />
      <Loaded known={known}>{() => <Packages known={known} wanted={wanted} />}</Loaded>
    </Card>
  );
};

/** A value once it has not changed for a while, so that not every letter is asked about. */
const useSettled = (value: string): string => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
};

const PackageFilters = ({ packages }: { readonly packages: readonly Package[] }): JSX.Element => {
  const set = (name: string) => (value: string) => setQueryValue(name, value);
  return (
    <div class="filters" role="search">
      <SearchField label="Find a package" value={queryValue("q")} onChange={set("q")} />
      <ChoiceField
        label="Type"
        value={queryValue("type")}
        onChange={set("type")}
        choices={choicesOf(packages, ({ type }) => type)}
      />
      <ChoiceField
        label="Licence"
        value={queryValue("licence")}
        onChange={set("licence")}
        choices={choicesOf(packages, licenseOf)}
      />
    </div>
  );
};

/** The values that there are, the most frequent first, each with how often it is there. */
const choicesOf = (
  packages: readonly Package[],
  read: (row: Package) => string,
): readonly (readonly [string, string])[] => {
  const counts = Map.groupBy(packages, read);
  return [...counts]
    .toSorted(([a, of], [b, others]) => others.length - of.length || (a < b ? -1 : 1))
    .map(([value, { length }]) => [value, `${value.slice(0, 60)} (${length})`] as const);
};

interface PackagesProps {
  readonly known: KnownList<Package>;
  readonly wanted: string;
}

const Packages = ({ known: { value, more }, wanted }: PackagesProps): JSX.Element => {
  const [drawn, setDrawn] = useState(DRAWN);
  const all = value?.items ?? [];
  const type = queryValue("type");
  const licence = queryValue("licence");
  const rows = all.filter(
    (row) => (type === "" || row.type === type) && (licence === "" || licenseOf(row) === licence),
  );
  if (all.length === 0 && wanted === "") return <NoPackages />;
  const next = drawn < rows.length ? () => setDrawn(drawn + DRAWN) : more;
  return (
    <>
      <p class="dim" role="status">
        {countOf(rows.length, "package")}
        {more === undefined ? "" : " of those loaded so far; searching asks for all of them"}
        {rows.length > drawn ? `, the first ${drawn} shown` : ""}
      </p>
      {rows.length === 0 ? (
        <EmptyState title="No package fits">
          <p>Search for less, or set the filters back to All.</p>
        </EmptyState>
      ) : (
        <DataTable
          caption="packages"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ purl }) => purl}
          more={next}
          drawn={drawn}
        />
      )}
    </>
  );
};

const NoPackages = (): JSX.Element => (
  <EmptyState title="No packages known">
    <p>They come from the image's attested SBOM: ask for the papers of one of its builds.</p>
  </EmptyState>
);
