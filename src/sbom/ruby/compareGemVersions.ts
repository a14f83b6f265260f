type Segment = number | string;

/** Negative where `a` is the older one, as RubyGems orders (Gem::Version#<=>): letters come before numbers, and make a pre-release. */
export const compareGemVersions = (a: string, b: string): number => compareSegments(segmentsOf(a), segmentsOf(b));

/** Whether a version meets a requirement such as `>= 1.2` or `~> 2.0` (Gem::Requirement); undefined where it is none. */
export const meetsGemRequirement = (version: string, requirement: string): boolean | undefined => {
  const [, operator = "=", wanted] =
    /^\s{0,5}(=|!=|>=|<=|>|<|~>)?\s{0,5}([0-9][0-9A-Za-z.-]{0,127})\s{0,5}$/.exec(requirement) ?? [];
  if (wanted === undefined) return undefined;
  const order = compareGemVersions(version, wanted);
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    default:
      return order >= 0 && compareSegments(releaseOf(version), bump(wanted)) < 0;
  }
};

// A dash means a pre-release: `1.0-rc1` is `1.0.pre.rc1`.
const segmentsOf = (version: string): readonly Segment[] =>
  (version.replaceAll("-", ".pre.").match(/[0-9]{1,15}|[A-Za-z]+/g) ?? []).map((part) =>
    /^[0-9]/.test(part) ? Number(part) : part,
  );

const compareSegments = (a: readonly Segment[], b: readonly Segment[]): number => {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index] ?? 0, b[index] ?? 0];
    if (left === right) continue;
    if (typeof left !== typeof right) return typeof left === "string" ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
};

const releaseOf = (version: string): readonly Segment[] => {
  const segments = segmentsOf(version);
  const letters = segments.findIndex((segment) => typeof segment === "string");
  return letters < 0 ? segments : segments.slice(0, letters);
};

/** The first release that is too new: `2.2` allows what is below `3`, `2.2.4` what is below `2.3`. */
const bump = (version: string): readonly Segment[] => {
  const release = releaseOf(version);
  const kept = release.length > 1 ? release.slice(0, -1) : release;
  return kept.map((segment, index) => (index === kept.length - 1 ? Number(segment) + 1 : segment));
};
