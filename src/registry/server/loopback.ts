import { isIPv4 } from "node:net";
import { WaybillError } from "#core/errors.ts";

/** Refuses (USAGE_INVALID) to listen where others could reach a registry that asks nobody who they are. */
export const checkLoopback = (host: string): void => {
  if ((isIPv4(host) && host.startsWith("127.")) || host === "::1" || host === "localhost") return;
  throw new WaybillError("USAGE_INVALID", `cannot listen on ${JSON.stringify(host)}: it is no loopback address`, {
    hint: "This registry has no TLS and no accounts yet; listen on 127.0.0.1, ::1 or localhost.",
  });
};
