import { readDerList, readDerOid, readDerValue, TAG } from "#claims/strictDer.ts";
import type { Certificate } from "#trust/certificate.ts";

const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";

/** The common name of a certificate's holder, else the organization, as it is written there; undefined where it has neither. */
export const holderName = ({ subject }: Certificate): string | undefined => {
  const attributes = readDerList(readDerValue(subject, "the subject"), TAG.sequence, "the subject")
    .flatMap((part) => readDerList(part, TAG.set, "the subject"))
    .map((attribute) => readDerList(attribute, TAG.sequence, "the subject"));
  const value = [COMMON_NAME, ORGANIZATION]
    .map((oid) => attributes.find(([type]) => readDerOid(type, "the subject") === oid)?.[1])
    .find((found) => found !== undefined);
  return value === undefined ? undefined : Buffer.from(value.content).toString();
};
