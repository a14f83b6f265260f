import type { ExplainedCommand } from "#cli/explainFlags.ts";
import { printable } from "#cli/printable.ts";

/** Commands with their flags as aligned columns; of `set`, only what is no default. */
export const explainedTable = (commands: readonly ExplainedCommand[], which: "all" | "set"): string => {
  const shown = commands
    .map((one) => ({ ...one, flags: one.flags.filter(({ source }) => which === "all" || source !== "default") }))
    .filter(({ flags }) => which === "all" || flags.length > 0);
  return shown.length === 0 ? "Nothing is set: every flag has its default.\n" : shown.map(commandTable).join("\n");
};

const commandTable = ({ command, file, flags }: ExplainedCommand): string => {
  const rows = flags.map((one) => [`--${one.flag}`, printable(one.value ?? "-"), printable(one.where ?? "default")]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    ([name = "", value = "", where = ""]) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${where}`,
  );
  return [`waybill ${command} (settings file: ${printable(file ?? "none")})`, ...lines, ""].join("\n");
};
