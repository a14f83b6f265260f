/** A URL for messages: no user, password, query or fragment, since those carry secrets (signed redirects, upload states). */
export const describeUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`.slice(0, 300);
