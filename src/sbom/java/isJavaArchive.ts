// Extensions of what Java programs are packed in (reference 1.9). A zip archive is none, but may carry some.
const EXTENSIONS: ReadonlySet<string> = new Set("jar war ear par sar nar rar jpi hpi kar far lpkg zap".split(" "));
const LONGEST = 4;

/** Whether a file is an archive of Java classes or modules, by its name. Called for every entry of an image. */
export const isJavaArchive = (path: string): boolean => EXTENSIONS.has(extensionOf(path));

/** Whether it is a zip archive of no such kind. */
export const isPlainZip = (path: string): boolean => extensionOf(path) === "zip";

const extensionOf = (path: string): string => {
  const dot = path.lastIndexOf(".");
  return dot < 0 || path.length - dot - 1 > LONGEST ? "" : path.slice(dot + 1).toLowerCase();
};
