import type { JSX } from "preact";

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export const SearchField = ({ label, value, onChange }: SearchFieldProps): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <input
      type="search"
      value={value}
      maxLength={200}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  </label>
);

interface ChoiceFieldProps extends SearchFieldProps {
  /** Values and how they are called; the empty value is "All". */
  readonly choices: readonly (readonly [string, string])[];
}

export const ChoiceField = ({ label, value, onChange, choices }: ChoiceFieldProps): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">All</option>
      {choices.map(([choice, text]) => (
        <option key={choice} value={choice}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
