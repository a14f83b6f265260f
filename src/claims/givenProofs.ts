import type { BlobCandidate, Candidate, CarriedProofs } from "#claims/claim.ts";

/** What a user gives beside papers that do not bring it along (`--certificate`, `--sct`, `--rfc3161-timestamp`). */
export type GivenProofs = Pick<CarriedProofs, "certificates" | "timestamps" | "sct">;

const NOTHING: CarriedProofs = { certificates: [], logEntries: [], timestamps: [] };

/**
 * The candidate with what was given. A certificate of its own must be the given one: nobody could tell which of two was
 * meant. A bundle brings everything along by itself, so that nothing is added to it.
 */
export const withGiven = <C extends Candidate | BlobCandidate>(
  candidate: C,
  given: GivenProofs | undefined,
): C | Unread => {
  if (given === undefined || candidate.kind === "unreadable") return candidate;
  const [leaf] = given.certificates;
  const own = candidate.carried ?? NOTHING;
  const isOther = leaf !== undefined && own.certificates.some((one, at) => at === 0 && Buffer.compare(one, leaf) !== 0);
  const { found } = candidate;
  if (isOther)
    return { kind: "unreadable", found, reason: "it carries another certificate than the one that was given" };
  if (found.form === "bundle") return candidate;
  const certificates = own.certificates.length > 0 ? own.certificates : given.certificates;
  return {
    ...candidate,
    material: certificates.length > 0 ? "certificate" : candidate.material,
    carried: {
      ...own,
      certificates,
      timestamps: [...own.timestamps, ...given.timestamps],
      ...(given.sct === undefined ? {} : { sct: given.sct }),
    },
  };
};

type Unread = Extract<Candidate, { readonly kind: "unreadable" }>;
