import {
  contextTag,
  readDerBits,
  readDerInteger,
  readDerList,
  readDerNumber,
  readDerOid,
  readDerTime,
  readDerValue,
  TAG,
} from "#claims/strictDer.ts";
import type { Der } from "#claims/strictDer.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { readAlternativeNames } from "#trust/alternativeNames.ts";
import type { Certificate } from "#trust/certificate.ts";
import { readCertificateAlgorithm } from "#trust/certificateAlgorithm.ts";
import {
  EXTENSION,
  readBasicConstraints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyIds,
  readKeyUsage,
} from "#trust/certificateExtensions.ts";
import { readSpki } from "#trust/publicKey.ts";

// One certificate may be as long as a whole chain may be (attack 30).
const MAX_CERTIFICATE = 64 * 1024;

// RFC 5280 section 4.1.2.2.
const MAX_SERIAL = 20;

/**
 * Reads an X.509 version 3 certificate (RFC 5280 section 4.1), DER to the letter. `what` names it in errors: INPUT_INVALID for
 * anything that the RFC or DER does not know, KEY_WEAK for keys and signature algorithms that are not allowed, LIMIT_EXCEEDED
 * for one that is too large. It says nothing of who signed it.
 */
export const readCertificate = (der: Uint8Array, what = "the certificate"): Certificate => {
  if (der.byteLength > MAX_CERTIFICATE) {
    throw new WaybillError(
      "LIMIT_EXCEEDED",
      `${what} has ${der.byteLength} bytes; at most ${MAX_CERTIFICATE} are read`,
    );
  }
  const parts = readDerList(readDerValue(der, what), TAG.sequence, what);
  const [body, algorithm] = parts;
  if (parts.length !== 3 || body === undefined || algorithm === undefined) {
    throw bad(what, "is not a certificate: body, algorithm and signature belong in it");
  }
  const fields = readBody(body, what);
  if (Buffer.compare(fields.algorithm, algorithm.bytes) !== 0) {
    throw bad(what, "names one signature algorithm inside and another outside");
  }
  return {
    der,
    tbs: body.bytes,
    ...fields.certificate,
    signatureAlgorithm: readCertificateAlgorithm(algorithm.bytes, what),
    signature: readDerBits(parts[2], `the signature of ${what}`),
  };
};

const readBody = (body: Der, what: string) => {
  const parts = readDerList(body, TAG.sequence, what);
  const [version, serial, algorithm, issuer, validity, subject, spki, extensions] = parts;
  if (version?.tag !== contextTag(0)) throw bad(what, "is not of version 3");
  // The unique identifiers [1] and [2] of version 2 must not be used (section 4.1.2.8).
  if (parts.length !== 8 || algorithm === undefined || issuer === undefined || spki === undefined) {
    throw bad(what, "does not have the eight parts of a certificate with extensions");
  }
  const [number, ...more] = readDerList(version, contextTag(0), what);
  if (readDerNumber(number, `the version of ${what}`) !== 2 || more.length > 0) throw bad(what, "is not of version 3");
  const certificate = {
    serial: readSerial(serial, `the serial number of ${what}`),
    issuer: readName(issuer, `the issuer of ${what}`),
    ...readValidity(validity, `the validity of ${what}`),
    subject: readName(subject, `the subject of ${what}`),
    key: readKey(spki.bytes, `the key of ${what}`),
    ...readMeaning(extensions, what),
  };
  if (isEmpty(certificate.issuer)) throw bad(what, "does not say who issued it");
  if (certificate.isCa && isEmpty(certificate.subject)) throw bad(what, "is an authority without a name");
  return { algorithm: algorithm.bytes, certificate };
};

const readMeaning = (member: Der | undefined, what: string) => {
  const name = `the extensions of ${what}`;
  const extensions = readExtensions(member, name);
  const names = extensions.get(EXTENSION.subjectAltName)?.value;
  return {
    ...readBasicConstraints(extensions, name),
    keyUsage: readKeyUsage(extensions, name),
    extendedKeyUsage: readExtendedKeyUsage(extensions, name),
    names: names === undefined ? [] : readAlternativeNames(names, `the subjectAltName of ${what}`),
    ...readKeyIds(extensions, name),
    extensions,
  };
};

const readSerial = (value: Der | undefined, what: string): Uint8Array => {
  const serial = readDerInteger(value, what);
  const [first = 0] = serial;
  if (serial.byteLength > MAX_SERIAL)
    throw bad(what, `has ${serial.byteLength} octets; at most ${MAX_SERIAL} are allowed`);
  if (first >= 0x80 || (first === 0 && serial.byteLength === 1)) throw bad(what, "is not positive");
  return serial;
};

const readValidity = (value: Der | undefined, what: string): Pick<Certificate, "notBefore" | "notAfter"> => {
  const [from, to, ...more] = readDerList(value, TAG.sequence, what);
  const [notBefore, notAfter] = [readDerTime(from, what), readDerTime(to, what)];
  if (more.length > 0 || notBefore > notAfter) throw bad(what, "ends before it starts");
  return { notBefore, notAfter };
};

// Distinguished names have a handful; the parts cost memory to read (CVE-2023-25656).
const MAX_NAME_PARTS = 64;

/** A Name (section 4.1.2.4), whose exact bytes are compared; its parts must be types with values, no more is looked at. */
const readName = (value: Der | undefined, what: string): Uint8Array => {
  const parts = readDerList(value, TAG.sequence, what);
  if (parts.length > MAX_NAME_PARTS) {
    throw new WaybillError("LIMIT_EXCEEDED", `${what} has ${parts.length} parts; at most ${MAX_NAME_PARTS} are read`);
  }
  for (const part of parts) {
    const attributes = readDerList(part, TAG.set, what);
    if (attributes.length === 0) throw bad(what, "has a part without attributes");
    for (const attribute of attributes) {
      const [type, ...values] = readDerList(attribute, TAG.sequence, what);
      readDerOid(type, what);
      if (values.length !== 1) throw bad(what, "is not a list of types with values");
    }
  }
  return value?.bytes ?? new Uint8Array();
};

const isEmpty = (name: Uint8Array): boolean => name.byteLength === 2;

/** A key that cannot be read makes the certificate malformed: it is not (yet) trust material. */
const readKey = (spki: Uint8Array, what: string): PublicKey => {
  try {
    return readSpki(spki, what);
  } catch (error) {
    if (!(error instanceof WaybillError) || error.code !== "TRUST_INVALID") throw error;
    throw new WaybillError("INPUT_INVALID", error.message, { cause: error });
  }
};

const bad = (what: string, why: string): WaybillError => new WaybillError("INPUT_INVALID", `${what} ${why}`);
