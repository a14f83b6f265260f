import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Tally } from "../tallyValues.ts";
import { countOf } from "../shortText.ts";
import { ShareBar } from "./shareBar.tsx";

interface LicenceListProps {
  readonly licences: readonly Tally[];
  /** The one that is filtered by, or empty. */
  readonly chosen: string;
  readonly onChoose: (licence: string) => void;
}

const SHOWN = 8;

/** How many packages each licence has; choosing one shows its packages alone, choosing it again shows all. */
export const LicenceList = ({ licences, chosen, onChoose }: LicenceListProps): JSX.Element => {
  const [all, setAll] = useState(false);
  const most = licences[0]?.count ?? 0;
  const shown = licences.filter(({ value }, at) => all || at < SHOWN || value === chosen);
  return (
    <section class="licences" aria-label="Licences">
      <h3>Licences</h3>
      <ul>
        {shown.map(({ value, count }) => (
          <li key={value}>
            <button
              type="button"
              class="quiet licence"
              aria-pressed={value === chosen}
              onClick={() => onChoose(value === chosen ? "" : value)}
            >
              <span class="licence-name">{value}</span>
              <span class="licence-count">{count.toLocaleString("en")}</span>
              <ShareBar share={count / most} />
            </button>
          </li>
        ))}
      </ul>
      {licences.length <= SHOWN ? null : (
        <button type="button" class="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${countOf(licences.length, "licence")}`}
        </button>
      )}
    </section>
  );
};
