import { lookup as systemLookup } from "node:dns";
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { WaybillError } from "#core/errors.ts";
import { trimOldest } from "#core/trimOldest.ts";
import { isOwnHost } from "#net/isOwnHost.ts";

/** Two ways for names to become addresses, and what the first has seen. */
export interface Lookups {
  /** For names that the user chose. */
  readonly plain: LookupFunction;
  /**
   * For names that a server chose: leaves out addresses of this machine and its line (attack 48). Whoever chose the name may
   * have chosen what it resolves to, and may answer otherwise the second time, so that only the connection itself can tell. A
   * name that has no other address is REGISTRY_PROTOCOL with `details.ownAddress`.
   */
  readonly guarded: LookupFunction;
  /** Whether `plain` found the name on this machine or its line, and never anywhere else. */
  readonly isOwn: (hostname: string) => boolean;
}

const MAX_NAMES = 1000;

export const openLookups = (lookup: LookupFunction = systemLookup): Lookups => {
  const own = new Set<string>();
  const elsewhere = new Set<string>();
  const find = (hostname: string, done: (error: Error | null, found: readonly LookupAddress[]) => void): void =>
    lookup(hostname, { all: true }, (error, found) => done(error, error === null ? (found as LookupAddress[]) : []));
  return {
    plain: (hostname, options, callback) => {
      find(hostname, (error, found) => {
        for (const { address } of found) (isOwnHost(address) ? own : elsewhere).add(hostname);
        for (const names of [own, elsewhere]) trimOldest(names, MAX_NAMES);
        answer(options, callback, error, found);
      });
    },
    guarded: (hostname, options, callback) => {
      find(hostname, (error, found) => {
        const others = found.filter(({ address }) => !isOwnHost(address));
        answer(options, callback, error ?? (others.length === 0 ? ownAddress(hostname) : null), others);
      });
    },
    isOwn: (hostname) => own.has(hostname) && !elsewhere.has(hostname),
  };
};

const answer = (
  options: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
  error: Error | null,
  found: readonly LookupAddress[],
): void => {
  const [first] = found;
  if (error !== null || first === undefined) callback(error, "", 0);
  else if (options.all === true) callback(null, [...found]);
  else callback(null, first.address, first.family);
};

const ownAddress = (hostname: string): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `refused a redirect to ${hostname}, whose address is one of this machine`, {
    hint: "The registry, or something between it and here, sends requests to a place that is not safe to follow.",
    details: { ownAddress: true },
  });
