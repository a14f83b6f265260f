import { isIPv4 } from "node:net";
import { WaybillError } from "#core/errors.ts";

/** How a registry is reached, and whether what travels is protected. */
export interface ListenFacts {
  readonly host: string;
  readonly tls: boolean;
  /** The operator says that something in front of it speaks TLS. */
  readonly allowPlainHttp: boolean;
}

/** Refuses (USAGE_INVALID) plain http on an address that others could reach. */
export const checkListen = ({ host, tls, allowPlainHttp }: ListenFacts): void => {
  if (tls || allowPlainHttp || isLoopback(host)) return;
  throw new WaybillError(
    "USAGE_INVALID",
    `cannot listen on ${JSON.stringify(host)} without TLS: it is no loopback address`,
    {
      hint: "Give --tls-cert and --tls-key, or --allow-plain-http when something in front of it speaks TLS, or listen on 127.0.0.1.",
    },
  );
};

export const isLoopback = (host: string): boolean =>
  (isIPv4(host) && host.startsWith("127.")) || host === "::1" || host === "localhost";
