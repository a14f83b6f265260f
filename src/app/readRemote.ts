/**
 * The address of `origin` in the text of a git config file, or of the only remote there is (git-config, "Configuration File").
 * Files that it includes and rewritten addresses (`insteadOf`) are not followed.
 */
export const readRemote = (config: string): string | undefined => {
  const remotes = new Map<string, string>();
  let remote: string | undefined;
  for (const line of config.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const section = /^\s*\[\s*(?<name>[^\s"\]]+)(?:\s+"(?<sub>(?:[^"\\]|\\.)*)")?\s*\]/.exec(line);
    if (section !== null) remote = remoteOf(section.groups);
    const url = /^\s*(?:\[[^\]]*\])?\s*url\s*=(?<value>.*)$/i.exec(line)?.groups?.["value"];
    if (url === undefined || remote === undefined || remotes.has(remote)) continue;
    remotes.set(remote, readValue(url));
  }
  return remotes.get("origin") ?? (remotes.size === 1 ? [...remotes.values()][0] : undefined);
};

const remoteOf = (section: Readonly<Record<string, string | undefined>> | undefined): string | undefined =>
  section?.["name"]?.toLowerCase() === "remote" ? section["sub"]?.replace(/\\(.)/g, "$1") : undefined;

/** Quotes may stand around any part of a value; # and ; outside of them begin a comment. */
const readValue = (text: string): string => {
  const parts = text.matchAll(/"(?<quoted>(?:[^"\\]|\\.)*)"|(?<comment>[#;].*$)|\\(?<escaped>.)|(?<plain>.)/g);
  return [...parts]
    .map(({ groups }) => groups?.["quoted"]?.replace(/\\(.)/g, "$1") ?? groups?.["escaped"] ?? groups?.["plain"] ?? "")
    .join("")
    .trim();
};
