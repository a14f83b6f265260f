/**
 * The same text without what stands for user and password in addresses. Those of databases and proxies hold passwords:
 * postgres://user:password@host/name?password=other.
 */
export const hideCredentials = (text: string): string =>
  text.replaceAll(/:\/\/\S*@/g, "://(set)@").replaceAll(/([?&]password=)[^&\s]*/gi, "$1(set)");
