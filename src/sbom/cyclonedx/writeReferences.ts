import type { Package } from "#sbom/package.ts";

// One URL with a bad character makes the whole document invalid (syft#4720): only what RFC 3986 allows, and no user name.
const WEB_ADDRESS =
  /^https?:\/\/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?(?:[/?](?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?(?:#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?$/;

/** `externalReferences` of a package: its home page, and where its archive came from. */
export const writeReferences = (found: Package): Readonly<Record<string, unknown>> => {
  const references = [
    { type: "distribution", url: found.properties?.["resolved"] },
    { type: "website", url: found.homepage },
  ].filter(({ url }) => url !== undefined && url.length <= 1000 && WEB_ADDRESS.test(url));
  return references.length === 0 ? {} : { externalReferences: references };
};
