/**
 * An http(s) address without user name, password, query and fragment, into which private registries put tokens; undefined
 * for everything else.
 */
export const publicUrl = (value: unknown): string | undefined => {
  if (typeof value !== "string" || value.length > MAX_LENGTH) return undefined;
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return `${url.protocol}//${url.host}${url.pathname}`;
};

const MAX_LENGTH = 2000;
