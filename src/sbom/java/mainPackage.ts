import type { ZipEntry } from "#archive/zipEntry.ts";

// Where applications keep their own classes; what lies beside is the loader's that starts them.
const OWN_CLASSES = ["BOOT-INF/classes/", "WEB-INF/classes/"];
const MAX_DEPTH = 6;
// A library's own classes are most of what it holds, beside a few that it carries of others.
const SHARE = 0.6;

/** The Java package that most classes of an archive are in or below, such as `org.springframework.aop`; "" where there is none. */
export const mainPackage = (entries: readonly ZipEntry[]): string => {
  const counts = countPackages(entries);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let prefix = "";
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const below = new Map<string, number>();
    for (const [name, count] of counts) {
      if (!name.startsWith(prefix) || name.length === prefix.length) continue;
      const end = name.indexOf("/", prefix.length);
      const child = name.slice(0, end + 1);
      below.set(child, (below.get(child) ?? 0) + count);
    }
    const most = [...below].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0] as const);
    if (most[1] < SHARE * total || most[1] === 0) break;
    prefix = most[0];
  }
  return prefix.slice(0, -1).replaceAll("/", ".");
};

// Directories of classes, each with a slash at its end, and how many classes it has.
const countPackages = (entries: readonly ZipEntry[]): ReadonlyMap<string, number> => {
  const classes = entries.filter(({ name }) => name.endsWith(".class"));
  const own = OWN_CLASSES.find((prefix) => classes.some(({ name }) => name.startsWith(prefix))) ?? "";
  const counts = new Map<string, number>();
  for (const { name } of classes) {
    const slash = name.lastIndexOf("/");
    if (slash <= own.length || !name.startsWith(own) || name.startsWith("META-INF/")) continue;
    const directory = name.slice(own.length, slash + 1);
    counts.set(directory, (counts.get(directory) ?? 0) + 1);
  }
  return counts;
};
