import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { Package, PackageType } from "#sbom/package.ts";

interface Contact {
  readonly name?: string;
  readonly email?: string;
}

const SUPPLIED: ReadonlySet<PackageType> = new Set(["apk", "bitnami", "deb", "rpm"]);

/** Fields for whom a package comes from: the maintainer of a distribution's package supplies it, others have an author. */
export const writeParty = (found: Package, version: CycloneDxVersion): Readonly<Record<string, unknown>> => {
  if (found.supplier === undefined) return {};
  const { name, email } = readContact(found.supplier);
  if (SUPPLIED.has(found.type)) {
    const contact = email === undefined ? {} : { contact: [{ email }] };
    return { supplier: { name: name ?? found.supplier, ...contact } };
  }
  // `author` is deprecated since 1.6, and `authors` is unknown before.
  if (version !== "1.6") return { author: found.supplier };
  const author = { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
  return { authors: [author] };
};

// "Name <address> (url)", the way Debian, Alpine and npm all write it. The schema checks addresses.
const readContact = (text: string): Contact => {
  const [, before = "", address = ""] = /^([^<(]*)(?:<([^>]*)>)?/.exec(text) ?? [];
  const name = before.trim();
  const isAddress = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}$/.test(address);
  if (!isAddress) return { name: name === "" ? text : name };
  return name === "" ? { email: address } : { name, email: address };
};
