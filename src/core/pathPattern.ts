/** The source of a regular expression for a path in which `*` stands for a part of one segment, `**` for any number of them. */
export const pathPattern = (path: string): string => path.split("/").map(segment).join("");

const segment = (text: string, index: number, all: readonly string[]): string => {
  const isLast = index === all.length - 1;
  if (text === "**") return isLast ? "(?:[^/]+/)*[^/]+" : "(?:[^/]+/)*";
  return text.split("*").map(escapePattern).join("[^/]*") + (isLast ? "" : "/");
};

/** A text that stands for itself in a regular expression. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
