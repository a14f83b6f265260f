// What lies below these is what a package tests or shows itself with, not what runs (resolve@1 ships a dozen of them).
const FIXTURE = /(?:^|\/)(?:__tests__|__fixtures__|fixtures?|tests?|specs?|examples?|samples?|templates?)(?:\/|$)/i;

/** Whether a path inside a package or an application leads through a directory of tests or examples. */
export const isFixturePath = (path: string): boolean => FIXTURE.test(path);
