import { digestAlgorithm } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { parseReference, repositoryName } from "#core/reference.ts";
import type { BuildImage } from "#records/build.ts";

/**
 * A build's image as its platform names it: `HOST/repository@sha256:HEX`. REFERENCE_INVALID for no reference at all,
 * INPUT_INVALID for one that does not name one image in one registry for ever.
 */
export const readBuildImage = (text: string): BuildImage => {
  const reference = parseReference(text);
  if (reference.kind === "layout") throw invalid("names a directory; the service reads registries only");
  if (reference.digest === undefined) throw invalid("has no digest; what is signed must be what was pushed");
  if (reference.tag !== undefined) throw invalid("has a tag besides the digest, which says nothing that could be kept");
  if (digestAlgorithm(reference.digest) !== "sha256") throw invalid("has a digest other than sha256");
  if (isLinkLocal(reference.registry)) throw invalid("names a link-local address, where no registry is");
  return { repository: repositoryName(reference), digest: reference.digest };
};

// 169.254.0.0/16 and fe80::/10, where clouds keep their credentials; also as IPv6 spells the former (RFC 4291 section
// 2.5.5, RFC 6052 section 2.1).
const LINK_LOCAL = /^(?:169\.254\.|\[fe[89ab]|\[(?:::(?:ffff:(?:0:)?)?|64:ff9b::)a9fe:)/;

/** The URL parser reads the host as the transport will: 2852039166 and 0xa9fea9fe are 169.254.169.254, too. */
const isLinkLocal = (registry: string): boolean => {
  const url = `https://${registry}/`;
  if (!URL.canParse(url)) throw invalid("names no host that could be asked");
  return LINK_LOCAL.test(new URL(url).hostname);
};

const invalid = (reason: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `image ${reason}`, {
    hint: "Write HOST/REPOSITORY@sha256:HEX, as the push answered it.",
    details: { field: "image" },
  });
