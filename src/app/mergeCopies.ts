import type { Candidate, Found } from "#claims/claim.ts";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { readSimpleSigning } from "#claims/simpleSigning.ts";
import { onlyStrings } from "#claims/statement.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import type { GatheredPaper } from "#app/locatePapers.ts";
import type { TreeCopy, TreePaper } from "#app/paperTree.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";

type Leaf = Omit<TreePaper, "papers">;

/** Collects the papers of one subject, copies of one claim together. */
export interface MergedCopies {
  readonly add: (paper: GatheredPaper) => void;
  readonly list: () => readonly Leaf[];
}

/**
 * Two copies are one claim as far as can be told without a key: an attestation where payload and signatures are equal; a
 * signature, whose forms have different payloads, where a legacy one and a bundle have the same annotations, one to one.
 */
export const mergeCopies = (subject: Digest): MergedCopies => {
  const merged = new Map<string, Leaf[]>();
  return {
    add: ({ candidate, hint }) => {
      const { identity, leaf } = describe(candidate, hint, subject);
      const alike = merged.get(identity) ?? [];
      const at = alike.findIndex((one) => one.kind !== "signature" || lacks(one, candidate.found.form));
      const known = alike[at];
      if (known === undefined) alike.push(leaf);
      else alike[at] = { ...known, copies: [...known.copies, ...leaf.copies] };
      merged.set(identity, alike);
    },
    list: () => [...merged.values()].flat(),
  };
};

const lacks = ({ copies }: Leaf, form: TreeCopy["form"]): boolean => copies.every((copy) => copy.form !== form);

interface Described {
  readonly identity: string;
  readonly leaf: Leaf;
}

const describe = (candidate: Candidate, hint: string | undefined, subject: Digest): Described => {
  const copies = [copyOf(candidate.found)];
  if (candidate.kind === "unreadable") {
    const leaf: Leaf = { kind: "unreadable", type: hint ?? "", copies, trouble: candidate.reason };
    return { identity: JSON.stringify([copies, candidate.reason]), leaf };
  }
  const said = candidate.kind === "dsse" ? fromEnvelope(candidate, subject) : fromPayload(candidate.payload, subject);
  if (said === undefined) {
    const leaf: Leaf = { kind: "unreadable", type: hint ?? "", copies, trouble: "what was signed cannot be read" };
    return { identity: JSON.stringify(copies), leaf };
  }
  const { identity, foreign, ...leaf } = said;
  return { identity, leaf: { ...leaf, copies, ...(foreign ? { trouble: "is about another image" } : {}) } };
};

interface Said extends Pick<Leaf, "kind" | "type" | "annotations"> {
  readonly identity: string;
  readonly foreign: boolean;
}

const fromEnvelope = (candidate: Candidate & { readonly kind: "dsse" }, subject: Digest): Said | undefined => {
  const statement = unverifiedStatement(candidate);
  if (statement === undefined) return undefined;
  const own = statement.subjects.find(({ digest }) => digest === subject);
  const foreign = own === undefined;
  if (statement.predicateType === SIGNATURE_TYPE) return signature(own?.annotations ?? {}, foreign);
  const { payload, signatures } = candidate.envelope;
  const identity = JSON.stringify([
    "attestation",
    digestOf(payload),
    signatures.map(({ sig }) => digestOf(sig)).sort(),
  ]);
  return { kind: "attestation", type: statement.predicateType, identity, foreign };
};

const fromPayload = (payload: Uint8Array, subject: Digest): Said | undefined => {
  try {
    const { digest, optional } = readSimpleSigning(payload);
    return signature(onlyStrings(optional), digest !== subject);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return undefined;
  }
};

const signature = (annotations: Readonly<Record<string, string>>, foreign: boolean): Said => ({
  kind: "signature",
  type: SIGNATURE_TYPE,
  annotations,
  identity: JSON.stringify([
    "signature",
    foreign,
    Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]),
  foreign,
});

const copyOf = ({ form, manifest, tag, layer }: Found): TreeCopy => ({
  form,
  manifest,
  ...(tag === undefined ? {} : { tag }),
  ...(layer === undefined ? {} : { layer }),
});
