import type { JSX } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

interface SearchFieldProps extends FieldProps {
  /** Values that are known to be there. */
  readonly offers?: readonly string[];
}

export const SearchField = ({ label, value, onChange, offers }: SearchFieldProps): JSX.Element => {
  const list = useId();
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        value={value}
        maxLength={200}
        spellcheck={false}
        autocomplete="off"
        list={offers === undefined ? undefined : list}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {offers === undefined ? null : (
        <datalist id={list}>
          {offers.map((offer) => (
            <option key={offer} value={offer} />
          ))}
        </datalist>
      )}
    </label>
  );
};

interface ChoiceFieldProps extends FieldProps {
  /** Values and how they are called. */
  readonly choices: readonly (readonly [string, string])[];
  /** What the empty value is called, "All" if nothing is said. */
  readonly none?: string;
}

export const ChoiceField = ({ label, value, onChange, choices, none = "All" }: ChoiceFieldProps): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{none}</option>
      {choices.map(([choice, text]) => (
        <option key={choice} value={choice}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
