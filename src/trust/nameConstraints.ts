import { contextTag, readDerList, readDerValue, TAG } from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";
import type { AlternativeName, Certificate } from "#trust/certificate.ts";
import { EXTENSION } from "#trust/certificateExtensions.ts";

interface Subtree {
  readonly kind: AlternativeName["kind"];
  readonly base: Buffer;
}

// Every name is held against every subtree.
const MAX_SUBTREES = 256;

/**
 * Says in words which of `names` this authority may not vouch for (RFC 5280 section 4.2.1.10), undefined where it may for all.
 * INPUT_INVALID where its constraints cannot be read, or restrict names of a kind that is not looked at here. Excluded hosts
 * include those below them, whatever the kind, as Go reads it; permitted ones do so for DNS alone.
 */
export const findForbiddenName = (authority: Certificate, names: readonly AlternativeName[]): string | undefined => {
  const value = authority.extensions.get(EXTENSION.nameConstraints)?.value;
  if (value === undefined) return undefined;
  const { permitted, excluded } = readNameConstraints(value);
  return names.find((name) => {
    const allowed = permitted.filter(({ kind }) => kind === name.kind);
    const isAllowed = allowed.length === 0 || allowed.some(({ base }) => isWithin(name, base, false));
    const forbidden = excluded.filter(({ kind }) => kind === name.kind);
    return !isAllowed || forbidden.some(({ base }) => isWithin(name, base, true) !== false);
  })?.value;
};

const WHAT = "the nameConstraints of an authority";

const readNameConstraints = (value: Uint8Array) => {
  const lists = readDerList(readDerValue(value, WHAT), TAG.sequence, WHAT);
  const [permitted, excluded] = [contextTag(0), contextTag(1)].map((tag) => lists.find((list) => list.tag === tag));
  const known = [permitted, excluded].filter((list) => list !== undefined);
  if (known.length === 0 || known.some((list, index) => lists[index] !== list) || known.length !== lists.length) {
    throw bad("are not what is permitted, then what is excluded");
  }
  return { permitted: readSubtrees(permitted), excluded: readSubtrees(excluded) };
};

const readSubtrees = (list: Der | undefined): readonly Subtree[] => {
  const subtrees = list === undefined ? [] : readDerList(list, list.tag, WHAT);
  if (subtrees.length > MAX_SUBTREES) throw bad(`have ${subtrees.length} entries; at most ${MAX_SUBTREES} are read`);
  return subtrees.map(readSubtree);
};

const KINDS: ReadonlyMap<number, AlternativeName["kind"]> = new Map([
  [contextTag(1, false), "email"],
  [contextTag(2, false), "dns"],
  [contextTag(6, false), "uri"],
  [contextTag(7, false), "ip"],
]);

const readSubtree = (subtree: Der): Subtree => {
  const [base, ...bounds] = readDerList(subtree, TAG.sequence, WHAT);
  const kind = KINDS.get(base?.tag ?? 0);
  if (base === undefined || kind === undefined) throw bad("restrict names of a kind that cannot be checked here");
  // minimum is 0, which DER leaves out, and maximum absent.
  if (bounds.length > 0) throw bad("have bounds, which this profile does not know");
  if (kind === "ip" && base.content.byteLength !== 8 && base.content.byteLength !== 32)
    throw bad("have a bad IP range");
  return { kind, base: Buffer.from(base.content) };
};

/** Undefined: the name is of a form to which the base cannot be applied. */
const isWithin = (name: AlternativeName, base: Buffer, isWide: boolean): boolean | undefined => {
  if (name.kind === "ip") return isInRange(name.value, base);
  const text = base.toString("latin1").toLowerCase();
  if (name.kind === "dns") return isBelow(name.value.toLowerCase(), text, true);
  return name.kind === "email"
    ? isMailbox(name.value, base.toString("latin1"), isWide)
    : isAtHost(name.value, text, isWide);
};

/** A base with a leading dot is for what is below it alone; an empty one for everything. */
const isBelow = (host: string, base: string, isWide: boolean): boolean => {
  if (base === "" || host === base) return true;
  return (isWide || base.startsWith(".")) && host.endsWith(base.startsWith(".") ? base : `.${base}`);
};

const isMailbox = (address: string, base: string, isWide: boolean): boolean | undefined => {
  const at = address.lastIndexOf("@");
  if (at < 0) return undefined;
  const host = address.slice(at + 1).toLowerCase();
  const cut = base.lastIndexOf("@");
  if (cut < 0) return isBelow(host, base.toLowerCase(), isWide);
  return address.slice(0, at) === base.slice(0, cut) && host === base.slice(cut + 1).toLowerCase();
};

const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@\\]*@)?([a-z0-9._-]+)(?::\d*)?(?:[/?#]|$)/;

/** A URI without a host name is outside of every subtree (section 4.2.1.10), an address among them. */
const isAtHost = (uri: string, base: string, isWide: boolean): boolean | undefined => {
  const host = HOST.exec(uri.toLowerCase())?.[1];
  return host === undefined || /^[\d.]+$/.test(host) ? undefined : isBelow(host, base, isWide);
};

const isInRange = (address: string, base: Buffer): boolean => {
  const size = base.length / 2;
  const octets = address.includes(":")
    ? address.split(":").flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    : address.split(".").map(Number);
  if (octets.length !== size) return false;
  return octets.every((octet, index) => {
    const mask = base[size + index] ?? 0;
    return (octet & mask) === ((base[index] ?? 0) & mask);
  });
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", `${WHAT} ${why}`);
