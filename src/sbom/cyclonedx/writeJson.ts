/** JSON without line breaks. A lone surrogate, which a file name may hold, would make it unreadable to strict readers. */
export const writeJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === "string" ? item.toWellFormed() : item));
