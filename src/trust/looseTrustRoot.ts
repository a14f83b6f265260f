import { pemCertificates } from "#claims/pemCertificates.ts";
import { hasCode } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { checkAuthority, isIssuer, isSame } from "#trust/trustedAuthority.ts";
import { trustedLog } from "#trust/trustedLog.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";
import type { Authority, TrustedLog, TrustRoot, Window } from "#trust/trustRoot.ts";

/** PEM, and the file that it came from. */
export interface LooseFile {
  readonly name: string;
  readonly pem: Uint8Array;
}

/** What cosign takes one by one in place of a trusted root (cosign.md 5.2). */
export interface LooseTrust {
  /** `--ca-roots`: anchors. */
  readonly caRoots?: readonly LooseFile[];
  /** `--ca-intermediates`: what leads to those anchors. */
  readonly caIntermediates?: readonly LooseFile[];
  /** `--certificate-chain`: one authority a file, the root last. */
  readonly caChains?: readonly LooseFile[];
  /** SIGSTORE_ROOT_FILE: anchors and what leads to them in any order; those that issued themselves are the anchors. */
  readonly caBundles?: readonly LooseFile[];
  /** SIGSTORE_CT_LOG_PUBLIC_KEY_FILE, SIGSTORE_REKOR_PUBLIC_KEY: one key a file. */
  readonly ctLogKeys?: readonly LooseFile[];
  readonly rekorKeys?: readonly LooseFile[];
  /** `--timestamp-certificate-chain`, SIGSTORE_TSA_CERTIFICATE_FILE: one authority a file, the root last. */
  readonly tsaChains?: readonly LooseFile[];
}

// Nobody says since when; the certificates themselves still say how long.
const ALWAYS: Window = { start: undefined, end: undefined };
const MAX_CERTIFICATES = 128;

/**
 * A trusted root out of single files. `source` names it in results. TRUST_INVALID with `details.flaw` for files that hold no
 * such thing, anchors that are no authorities, and intermediates that lead to no anchor; KEY_WEAK.
 */
export const looseTrustRoot = (files: LooseTrust, source: string): TrustRoot => ({
  source,
  published: undefined,
  certificateAuthorities: [
    ...poolAuthorities(readAll(files.caRoots), readAll(files.caIntermediates)),
    ...bundleAuthorities(readAll(files.caBundles)),
    ...(files.caChains ?? []).map((file) => chainAuthority(file, "certificate authority")),
  ],
  timestampAuthorities: (files.tsaChains ?? []).map((file) => chainAuthority(file, "timestamp authority")),
  logs: readLogs(files.rekorKeys),
  ctLogs: readLogs(files.ctLogKeys),
});

interface Found {
  readonly certificate: Certificate;
  /** File and place in it. */
  readonly what: string;
}

const readAll = (files: readonly LooseFile[] | undefined): readonly Found[] => {
  const all = (files ?? []).flatMap(readFound);
  // The same root in two files is one root.
  return all.filter(
    ({ certificate }, index) => all.findIndex((one) => isSame(one.certificate.der, certificate.der)) === index,
  );
};

const readFound = ({ name, pem }: LooseFile): readonly Found[] => {
  const blocks = pemCertificates(pem);
  if (blocks.length === 0) throw trustFlaw("unreadable", `${name}: no certificate in PEM is in it`);
  if (blocks.length > MAX_CERTIFICATES) {
    throw trustFlaw("unreadable", `${name}: ${blocks.length} certificates, the limit is ${MAX_CERTIFICATES}`);
  }
  return blocks.map((der, index) => {
    const what = `${name}, certificate ${index + 1} of ${blocks.length}`;
    return { certificate: readOne(der, what), what };
  });
};

const readOne = (der: Uint8Array, what: string): Certificate => {
  try {
    return readCertificate(der, what);
  } catch (thrown) {
    if (!hasCode(thrown, "INPUT_INVALID")) throw thrown;
    throw trustFlaw("unreadable", thrown.message, thrown);
  }
};

const chainAuthority = (file: LooseFile, kind: "certificate authority" | "timestamp authority"): Authority => {
  const certificates = readFound(file).map(({ certificate }) => certificate);
  return checkAuthority({ uri: "", certificates, window: ALWAYS }, kind, file.name);
};

const bundleAuthorities = (all: readonly Found[]): readonly Authority[] => {
  const anchors = all.filter(({ certificate }) => isSame(certificate.issuer, certificate.subject));
  const [first] = all;
  if (first !== undefined && anchors.length === 0) {
    throw trustFlaw("broken-chain", `${first.what}: no certificate beside it is a root`);
  }
  return poolAuthorities(
    anchors,
    all.filter((one) => !anchors.includes(one)),
  );
};

/** Each anchor with the intermediates that lead to it, the farthest first. */
const poolAuthorities = (anchors: readonly Found[], intermediates: readonly Found[]): readonly Authority[] => {
  const used = new Set<Found>();
  const authorities = anchors.map((anchor) => {
    const below = descendants(anchor, intermediates);
    below.forEach((one) => used.add(one));
    const certificates = [...below.toReversed(), anchor].map(({ certificate }) => certificate);
    return checkAuthority({ uri: "", certificates, window: ALWAYS }, "certificate authority", anchor.what);
  });
  const stray = intermediates.find((one) => !used.has(one));
  if (stray !== undefined) throw trustFlaw("broken-chain", `${stray.what}: it leads to none of the roots`);
  return authorities;
};

const descendants = (anchor: Found, intermediates: readonly Found[]): readonly Found[] => {
  const found: Found[] = [anchor];
  // What is found joins the list, so what is below it is found, too.
  for (const parent of found) {
    found.push(
      ...intermediates.filter(
        (one) => !found.includes(one) && one !== parent && isIssuer(parent.certificate, one.certificate),
      ),
    );
  }
  return found.slice(1);
};

const readLogs = (files: readonly LooseFile[] | undefined): readonly TrustedLog[] => {
  const logs = (files ?? []).map(({ name, pem }) =>
    trustedLog({ uri: "", key: parsePublicKey(pem, name), window: ALWAYS, operator: undefined }),
  );
  return logs.filter(({ keyId }, index) => logs.findIndex((one) => isSame(one.keyId, keyId)) === index);
};
