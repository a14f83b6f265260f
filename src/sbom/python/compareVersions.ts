/** A version by PEP 440, as numbers that compare one after the other; undefined where the text is none. */
export interface PythonVersion {
  readonly epoch: number;
  readonly release: readonly number[];
  /** Pre-release phase and number, post-release, development release; absent ones stand where they sort. */
  readonly rest: readonly number[];
}

const VERSION =
  /^v?(?:(\d{1,9})!)?(\d{1,9}(?:\.\d{1,9}){0,20})(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d{0,9}))?(?:[-_.]?(?:post|rev|r)[-_.]?(\d{0,9})|-(\d{1,9}))?(?:[-_.]?(dev)[-_.]?(\d{0,9}))?(?:\+[a-z0-9._-]{1,64})?$/;
const PHASES: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };
const NONE = Number.NEGATIVE_INFINITY;
const FINAL = Number.POSITIVE_INFINITY;

export const parseVersion = (text: string): PythonVersion | undefined => {
  const match = VERSION.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const [, epoch, release = "", phase, number, post, implicitPost, dev, devNumber] = match;
  const hasPost = post !== undefined || implicitPost !== undefined;
  // `1.0.dev1` comes before `1.0a1`.
  const noPhase = dev !== undefined && !hasPost ? NONE : FINAL;
  return {
    epoch: Number(epoch ?? 0),
    release: release.split(".").map(Number),
    rest: [
      phase === undefined ? noPhase : (PHASES[phase] ?? 0),
      Number(number ?? 0),
      hasPost ? Number(post ?? implicitPost ?? 0) : NONE,
      dev === undefined ? FINAL : Number(devNumber ?? 0),
    ],
  };
};

/** Negative where `a` is the older one; a release is padded with zeros (PEP 440, "Version specifiers"). */
export const compareVersions = (a: PythonVersion, b: PythonVersion): number =>
  compareNumbers([a.epoch], [b.epoch]) || compareNumbers(a.release, b.release) || compareNumbers(a.rest, b.rest);

const compareNumbers = (a: readonly number[], b: readonly number[]): number => {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index] ?? 0, b[index] ?? 0];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
};
