import { signal } from "@preact/signals";

// sessionStorage ends with the tab, and other than a cookie it is sent nowhere by itself.
const KEPT_AS = "waybill.token";

/** The access token of this tab; undefined: nobody is signed in. */
export const token = signal<string | undefined>(sessionStorage.getItem(KEPT_AS) ?? undefined);

/** Why the tab was signed out, where it did not ask for it. */
export const signedOutBecause = signal<string | undefined>(undefined);

export const signIn = (secret: string): void => {
  sessionStorage.setItem(KEPT_AS, secret);
  signedOutBecause.value = undefined;
  token.value = secret;
};

export const signOut = (because?: string): void => {
  sessionStorage.removeItem(KEPT_AS);
  signedOutBecause.value = because;
  token.value = undefined;
};
