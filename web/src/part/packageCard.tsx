import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ImagePapers, Package } from "../apiTypes.ts";
import { queryValue, setQueryValue } from "../location.ts";
import { namedLicences } from "../namedLicences.ts";
import { countOf } from "../shortText.ts";
import { tallyValues } from "../tallyValues.ts";
import type { Tally } from "../tallyValues.ts";
import { useList } from "../useList.ts";
import type { KnownList } from "../useList.ts";
import { useSettled } from "../useSettled.ts";
import { Card } from "./card.tsx";
import { CopiedCode } from "./copiedCode.tsx";
import { DataTable } from "./dataTable.tsx";
import type { Column } from "./dataTable.tsx";
import { ChoiceField, SearchField } from "./filterField.tsx";
import { LicenceList } from "./licenceList.tsx";
import { Loaded } from "./loaded.tsx";
import { EmptyState } from "./notice.tsx";

// Two thousand packages at once are an ordinary distribution's image; more come on demand.
const PAGE = { limit: 200, pages: 10 };
const DRAWN = 50;

const NO_LICENSE = "none stated";

const licencesIn = ({ licenses }: Package): readonly string[] => {
  const named = namedLicences(licenses);
  return named.length === 0 ? [NO_LICENSE] : named;
};

const COLUMNS: readonly Column<Package>[] = [
  { title: "Package", cell: ({ name }) => <strong class="breakable">{name}</strong>, text: ({ name }) => name },
  { title: "Version", cell: ({ version }) => <code class="breakable">{version}</code>, text: ({ version }) => version },
  { title: "Type", cell: ({ type }) => type, text: ({ type }) => type },
  {
    title: "Licences",
    cell: (row) => <span class={row.licenses === "" ? "dim" : "breakable clamped"}>{row.licenses || NO_LICENSE}</span>,
    text: ({ licenses }) => licenses,
  },
  {
    title: "Package URL",
    cell: ({ purl }) => <CopiedCode text={purl} what={`package URL ${purl}`} line />,
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
  const items = known.value?.items ?? [];
  return (
    <Card title="Packages" wide>
      {items.length === 0 ? null : (
        <LicenceList
          licences={tallyValues(items, licencesIn)}
          chosen={queryValue("licence")}
          onChoose={(licence) => setQueryValue("licence", licence)}
        />
      )}
      <PackageFilters packages={items} />
      <Loaded known={known}>{() => <Packages known={known} wanted={wanted} />}</Loaded>
    </Card>
  );
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
        choices={choicesOf(tallyValues(packages, ({ type }) => [type]))}
      />
      <ChoiceField
        label="Licence"
        value={queryValue("licence")}
        onChange={set("licence")}
        choices={choicesOf(tallyValues(packages, licencesIn))}
      />
    </div>
  );
};

const choicesOf = (tallies: readonly Tally[]): readonly (readonly [string, string])[] =>
  tallies.map(({ value, count }) => [value, `${value.slice(0, 60)} (${count})`] as const);

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
    (row) => (type === "" || row.type === type) && (licence === "" || licencesIn(row).includes(licence)),
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
