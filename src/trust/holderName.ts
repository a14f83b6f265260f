import type { Certificate } from "#trust/certificate.ts";
import { ATTRIBUTE, nameAttributes } from "#trust/nameAttributes.ts";

/** The common name of a certificate's holder, else the organization, as it is written there; undefined where it has neither. */
export const holderName = ({ subject }: Certificate): string | undefined =>
  nameAttributes(subject, ATTRIBUTE.commonName)[0] ?? nameAttributes(subject, ATTRIBUTE.organization)[0];
