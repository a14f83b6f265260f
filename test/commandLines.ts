/** Words of a line as a POSIX shell divides them, one list for each command of a pipeline; without redirections and comments. */
export const splitCommands = (line: string): readonly (readonly string[])[] => {
  const commands: string[][] = [[]];
  let redirected = false;
  for (const token of tokensOf(line)) {
    if (token.startsWith("#")) break;
    if (/^(?:\||\|\||&&|;|&)$/.test(token)) commands.push([]);
    else if (/^[0-9]?(?:>|>>|<)$/.test(token)) redirected = true;
    else if (redirected) redirected = false;
    else if (!/^[A-Z_]+=/.test(token) || commands.at(-1)?.length !== 0) commands.at(-1)?.push(unquote(token));
  }
  return commands;
};

const tokensOf = (line: string): readonly string[] =>
  line.match(/[0-9]?(?:>>|>|<)|\|\||\||&&|;|&|(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\|;&<>])+/g) ?? [];

const unquote = (token: string): string =>
  token.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
    (_, plain?: string, double?: string, escaped?: string) => plain ?? escaped ?? double?.replace(/\\(.)/g, "$1") ?? "",
  );

/** Lines of the code in a page of Markdown, continued ones joined. */
export const codeLines = (markdown: string): readonly string[] => {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const mark = /^ *(```+)/.exec(line)?.[1];
    if (mark !== undefined) fence = fence === undefined ? line.trim() : undefined;
    else if (fence !== undefined || line.startsWith("    ")) lines.push(line.trim());
  }
  return lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n");
};
