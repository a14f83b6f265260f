/** A name and a value: CycloneDX's place for what it has no field for. Names begin with `waybill:`. */
export interface Property {
  readonly name: string;
  readonly value: string;
}

/** `properties` of what is known, or nothing at all where nothing is; names get the prefix `waybill:`. */
export const writeProperties = (
  values: readonly (readonly [name: string, value: string | undefined])[],
): { readonly properties?: readonly Property[] } => {
  const properties = values.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: `waybill:${name}`, value: value.slice(0, MAX_VALUE) }],
  );
  return properties.length === 0 ? {} : { properties };
};

// A history command can be a whole script.
const MAX_VALUE = 2000;
