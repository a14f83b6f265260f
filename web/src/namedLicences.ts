/**
 * The licences that a package's text names, whether it is an SPDX expression or a list: what stands between commas, AND, OR
 * and brackets (SPDX 2.3, annex D); an exception stays with its licence.
 */
export const namedLicences = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(/,|\s(?:AND|OR)\s|[()]/)
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  ),
];
