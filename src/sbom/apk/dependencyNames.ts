/** Names in a list of apk dependencies: versions and repository pins are cut off, conflicts (`!name`) left out. */
export const dependencyNames = (field: string): readonly string[] =>
  field
    .split(/\s+/)
    .filter((word) => word !== "" && !word.startsWith("!"))
    .map((word) => word.replace(/[<>=~@].*$/, ""))
    .filter((name) => name !== "");
