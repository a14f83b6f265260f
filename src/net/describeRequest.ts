import { describeUrl } from "#net/describeUrl.ts";
import type { HttpRequest } from "#net/send.ts";

/** A request for messages, without what may carry secrets. */
export const describeRequest = ({ method, url }: Pick<HttpRequest, "method" | "url">): string =>
  `${method} ${describeUrl(url)}`;
