/** A row of a table as its export has it. */
export type ExportRow = Readonly<Record<string, string | number>>;

// A spreadsheet runs what begins like this as a formula, and names of packages are anybody's to choose.
const FORMULA = /^[=+\-@\t\r]/;

/** RFC 4180 with a line of column names. Text that a spreadsheet would run gets an apostrophe in front. */
export const writeCsv = (columns: readonly string[], rows: readonly ExportRow[]): string =>
  [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))]
    .map((cells) => `${cells.map(writeCell).join(",")}\r\n`)
    .join("");

const writeCell = (value: string | number): string => {
  if (typeof value === "number") return String(value);
  const calm = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(calm) ? `"${calm.replaceAll('"', '""')}"` : calm;
};

/** The rows exactly as they are. */
export const writeJson = (rows: readonly ExportRow[]): string => `${JSON.stringify(rows, undefined, 2)}\n`;
