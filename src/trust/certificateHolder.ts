import type { Certificate } from "#trust/certificate.ts";
import { quoted } from "#trust/fault.ts";
import { holderName } from "#trust/holderName.ts";

/** What people call the holder: its name, quoted and safe to print; its serial number where it has none. */
export const certificateHolder = (certificate: Certificate): string => {
  const name = holderName(certificate);
  return name === undefined ? `number ${Buffer.from(certificate.serial).toString("hex")}` : quoted(name);
};
