/**
 * Whether a distribution's version is one of this upstream version: `1:2.28.1+dfsg-1` of `2.28.1`, `17.0.13_p11-r0` of
 * `17.0.13+11`, `8u432-b06-1` of `1.8.0_432-b06`. An unknown upstream version contradicts nothing.
 */
export const versionsAgree = (distribution: string | undefined, upstream: string | undefined): boolean => {
  if (upstream === undefined) return true;
  if (distribution === undefined) return false;
  const [a, b] = [upstreamPart(distribution), upstreamPart(upstream)];
  return a !== "" && (withoutZeros(a) === withoutZeros(b) || isPart(a, b) || isPart(b, a));
};

// Versions are strangers' text; no real one is longer.
const MAX_LENGTH = 100;

/** Without epoch, revision and repackaging marks. Java's 1.8.0_432, 8u432 and 1.8.0.432 are one. */
const upstreamPart = (version: string): string => {
  const text = version
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/^\d+:/, "")
    .replace(/^v(?=\d)/, "");
  const java = text.replace(/^1\.(\d+)\.0[._](?=\d)/, "$1.").replace(/^(\d+)u(?=\d)/, "$1.");
  const digits = /^[0-9a-z.]*/.exec(java)?.[0] ?? "";
  return digits.replace(/\.(?:dfsg|ds|orig)\d*$/, "");
};

const withoutZeros = (version: string): string => version.replace(/(?:\.0)+$/, "");

// A distribution may add a build number (`17.0.13.0.11`) or a program leave one out, but `3` is too little to go by.
const isPart = (short: string, long: string): boolean => short.includes(".") && long.startsWith(`${short}.`);
