import { WaybillError } from "#core/errors.ts";
import { describeUrl } from "#net/describeUrl.ts";
import { remoteText } from "#net/remoteText.ts";
import type { HttpAnswer } from "#net/send.ts";

/**
 * Where a Location or Link of an answer leads, which stays on the registry's own host. A registry behind a proxy that ends
 * TLS may name itself with http: the host counts, and https is kept. Throws REGISTRY_PROTOCOL.
 */
export const followLocation = (answer: Pick<HttpAnswer, "url">, location: string | undefined): URL => {
  const to = location === undefined ? null : URL.parse(location, answer.url.href);
  if (location === undefined || to === null)
    throw protocolError(answer, `names no place to go on${location === undefined ? "" : `: ${remoteText(location)}`}`);
  if (to.origin === answer.url.origin) return to;
  if (to.hostname !== answer.url.hostname || to.protocol !== "http:")
    throw protocolError(answer, `leads to another host, ${remoteText(to.host)}`);
  return new URL(`${to.pathname}${to.search}`, answer.url);
};

const protocolError = (answer: Pick<HttpAnswer, "url">, what: string): WaybillError =>
  new WaybillError("REGISTRY_PROTOCOL", `${describeUrl(answer.url)} ${what}`);
