import { readDerList, readDerOid, readDerValue, TAG } from "#claims/strictDer.ts";
import type { Certificate } from "#trust/certificate.ts";
import { quoted } from "#trust/fault.ts";

const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";

/** What people call the holder: common name, else organization, quoted and safe to print; its serial number where it has neither. */
export const certificateHolder = (certificate: Certificate): string => {
  const name = readDerValue(certificate.subject, "the subject");
  const attributes = readDerList(name, TAG.sequence, "the subject")
    .flatMap((part) => readDerList(part, TAG.set, "the subject"))
    .map((attribute) => readDerList(attribute, TAG.sequence, "the subject"));
  const value = [COMMON_NAME, ORGANIZATION]
    .map((oid) => attributes.find(([type]) => readDerOid(type, "the subject") === oid)?.[1])
    .find((found) => found !== undefined);
  if (value === undefined) return `number ${Buffer.from(certificate.serial).toString("hex")}`;
  return quoted(Buffer.from(value.content).toString());
};
