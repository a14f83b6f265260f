/**
 * How many there are, where those who have a name in common are one: two logs of one operator, one key under two addresses
 * (CVE-2026-49834, attack 18). What a threshold counts.
 */
export const countParties = (all: readonly (readonly string[])[]): number => {
  let parties: (readonly string[])[] = [];
  for (const names of all) {
    const isKin = (party: readonly string[]): boolean => party.some((name) => names.includes(name));
    parties = [...parties.filter((party) => !isKin(party)), [...names, ...parties.filter(isKin).flat()]];
  }
  return parties.length;
};
