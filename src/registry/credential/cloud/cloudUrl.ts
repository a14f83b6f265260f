import { WaybillError } from "#core/errors.ts";

// Services of the machine itself: EC2, ECS and EKS (link-local and their IPv6 twins), Google's and Azure's, and loopback.
const MACHINE: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "[fd00:ec2::254]",
  "[fd00:ec2::23]",
  "metadata.google.internal",
  "localhost",
  "127.0.0.1",
  "[::1]",
]);

/**
 * The address of a cloud's service as a setting names it: https, or http to the machine itself and nowhere else, since
 * secrets go there. CONFIG_INVALID naming `what`.
 */
export const cloudUrl = (text: string, what: string): URL => {
  const url = URL.parse(text);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && MACHINE.has(url.hostname));
  if (url !== null && isSafe && url.username === "" && url.password === "") return url;
  throw new WaybillError("CONFIG_INVALID", `${what} is no address that credentials may be sent to`, {
    hint: "It must be https, or http to the metadata service of this machine.",
  });
};
