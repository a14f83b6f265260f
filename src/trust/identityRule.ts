import { WaybillError } from "#core/errors.ts";
import type { AlternativeName, Certificate } from "#trust/certificate.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { isFulcioClaim, readFulcioClaims } from "#trust/fulcioExtensions.ts";
import type { FulcioClaims } from "#trust/fulcioExtensions.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import { checkTextRule, satisfies, showRule, widen } from "#trust/textRule.ts";
import type { TextRule } from "#trust/textRule.ts";

export type { TextRule };

/** Whose certificates count. Several rules for one thing must all hold; without any, nothing does. */
export interface TrustedIdentity {
  /** What results call it. */
  readonly name: string;
  /** One of the certificate's names must satisfy all of these. */
  readonly subject: readonly TextRule[];
  readonly issuer: readonly TextRule[];
  /** Exact values by `FulcioClaimName`. */
  readonly claims: Readonly<Record<string, string>>;
}

/** Who signed, as the certificate says it. */
export interface SignerIdentity {
  /** Name of the `TrustedIdentity` that this is. */
  readonly rule: string;
  /** The name that satisfied it. */
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly AlternativeName[];
  /** Everything that Fulcio says besides, by the names of its extensions, such as sourceRepositoryURI. */
  readonly claims: Readonly<Record<string, string>>;
}

/** Throws USAGE_INVALID for an identity that nothing could ever satisfy: a pattern or a claim's name that is none. */
export const checkTrustedIdentity = ({ subject, issuer, claims }: TrustedIdentity): void => {
  for (const rule of [...subject, ...issuer]) checkTextRule(rule);
  const unknown = Object.keys(claims).find((name) => !isFulcioClaim(name));
  if (unknown === undefined) return;
  throw new WaybillError("USAGE_INVALID", `certificates have no claim ${JSON.stringify(unknown)}`, {
    hint: "The names are those of Fulcio's extensions, such as sourceRepositoryURI or githubWorkflowRef.",
  });
};

/**
 * The first of `identities` that the certificate is of. Its issuer is always compared, its subject against every alternative
 * name, patterns from end to end (attacks 20, 21). The fault is that of the identity that came nearest, and says what was
 * found and what was wanted. USAGE_INVALID for a bad pattern.
 */
export const matchIdentity = (
  certificate: Certificate,
  identities: readonly TrustedIdentity[],
): SignerIdentity | Fault => {
  const said = readFulcioClaims(certificate);
  if (isFault(said)) return said;
  let nearest: Fault = { code: "identity-issuer", reason: "no identity is trusted" };
  for (const [index, identity] of identities.entries()) {
    const found = matchOne(certificate, said, identity);
    if (!isFault(found)) return found;
    if (index === 0 || stepOf(found) > stepOf(nearest)) nearest = found;
  }
  return nearest;
};

const STEPS = ["identity-issuer", "identity-subject", "identity-claim"] as const satisfies readonly RefusalCode[];
const stepOf = ({ code }: Fault): number => STEPS.findIndex((step) => step === code);

const matchOne = (
  { names }: Certificate,
  { issuer, claims }: FulcioClaims,
  identity: TrustedIdentity,
): SignerIdentity | Fault => {
  if (issuer === undefined) {
    return { code: "identity-issuer", reason: "its certificate does not say who vouched for its holder (no issuer)" };
  }
  if (!isAll(issuer, identity.issuer)) {
    return { code: "identity-issuer", reason: `its certificate's issuer is ${missed([issuer], identity.issuer)}` };
  }
  const subject = names.find(({ value }) => isAll(value, identity.subject))?.value;
  if (subject === undefined) {
    const found = names.map(({ value }) => value);
    return { code: "identity-subject", reason: `its certificate is for ${missed(found, identity.subject)}` };
  }
  const fault = findClaimFault(claims, identity.claims);
  return fault ?? { rule: identity.name, subject, issuer, names, claims };
};

const isAll = (text: string, rules: readonly TextRule[]): boolean =>
  rules.length > 0 && rules.every((rule) => satisfies(text, rule));

const findClaimFault = (
  found: Readonly<Record<string, string>>,
  wanted: TrustedIdentity["claims"],
): Fault | undefined => {
  const missing = Object.entries(wanted).find(([name, value]) => !Object.hasOwn(found, name) || found[name] !== value);
  if (missing === undefined) return undefined;
  const [name, value] = missing;
  const is = Object.hasOwn(found, name) ? `says ${name} = ${quoted(found[name] ?? "")}` : `says nothing of ${name}`;
  return { code: "identity-claim", reason: `its certificate ${is}, not ${quoted(value)}` };
};

// A certificate may have hundreds of names (attack 36).
const SHOWN_NAMES = 5;

const missed = (found: readonly string[], rules: readonly TextRule[]): string => {
  const shown = found.slice(0, SHOWN_NAMES).map(quoted);
  const more = found.length > shown.length ? [`${found.length - shown.length} more`] : [];
  const is = found.length === 0 ? "nobody (it has no names)" : [...shown, ...more].join(", ");
  const wanted = rules.map(showRule).join(" and ");
  return `${is}; wanted is ${wanted === "" ? "nothing that could be" : wanted}${hintOf(found, rules)}`;
};

/** cosign's patterns need not match the whole: somebody who comes from there is told what to write. */
const hintOf = (found: readonly string[], rules: readonly TextRule[]): string => {
  const wider = found
    .slice(0, SHOWN_NAMES)
    .flatMap((text) => rules.map((rule) => (satisfies(text, rule) ? undefined : widen(text, rule))))
    .find((pattern) => pattern !== undefined);
  return wider === undefined ? "" : ` (a pattern must match the whole name here: this one would, /${wider}/)`;
};
