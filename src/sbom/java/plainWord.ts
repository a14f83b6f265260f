const WORD = /^[0-9A-Za-z_][0-9A-Za-z_.+~-]{0,199}$/;

/** A Maven group, artifact or version as it is (letters, digits, `_.+~-`), or undefined: what is more is no name. */
export const plainWord = (text: string | undefined): string | undefined => {
  const word = text?.trim();
  return word !== undefined && WORD.test(word) ? word : undefined;
};
