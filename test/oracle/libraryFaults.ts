import { X509Certificate } from "node:crypto";
import type { RootJson } from "./derivedSubject.ts";
import type { Question } from "./judgeQuestion.ts";

/** Something right that the library refuses, by its words and by what is asked. */
interface LibraryFault {
  readonly why: string;
  readonly words: RegExp;
  readonly applies: (question: Question) => boolean;
}

const isAnchoredElsewhere = ({ trustedRoot }: Question): boolean => {
  const { certificateAuthorities = [] } = JSON.parse(trustedRoot) as RootJson;
  return certificateAuthorities.some(({ certChain }) => {
    const last = new X509Certificate(Buffer.from(certChain.certificates.at(-1)?.rawBytes ?? "", "base64"));
    return !last.verify(last.publicKey);
  });
};

const isUnnamed = ({ trustedRoot }: Question): boolean => {
  const { tlogs = [], ctlogs = [] } = JSON.parse(trustedRoot) as RootJson;
  return [...tlogs, ...ctlogs].some(({ logId }) => (logId?.keyId ?? "") === "");
};

const FAULTS: readonly LibraryFault[] = [
  {
    why: "under a key the signature decides, with or without the digest of the message (docs/cosign-differences.md)",
    words: /^Error: invalid (v0\.\d )?bundle$/,
    applies: ({ bundle, signer }) => signer.kind === "key" && !/"messageDigest":\{[^}]*"digest"/.test(bundle),
  },
  {
    why: "the id of a log in the trusted root follows from its key",
    words:
      /^TypeError: .* \(reading 'keyId'\)$|^VerificationError: (SCT verification failed|inclusion .* not be verified)$/,
    applies: isUnnamed,
  },
  {
    why: "in a bundle v0.1 an inclusion proof may have no checkpoint, and then the promise vouches for the entry",
    words: /^TypeError: Cannot read properties of undefined \(reading 'envelope'\)$/,
    applies: ({ bundle }) => bundle.includes("version=0.1") && !bundle.includes('"checkpoint":{'),
  },
  {
    why: "an anchor is believed by being in the trusted root, whoever signed it (RFC 5280 section 6.1)",
    words: /^VerificationError: Failed to verify certificate chain$/,
    applies: isAnchoredElsewhere,
  },
];

/** Whether the library is known to be wrong in saying this: nothing else that it refuses may be accepted. */
export const isLibraryFault = (question: Question, answer: string): boolean =>
  FAULTS.some(({ words, applies }) => words.test(answer) && applies(question));
