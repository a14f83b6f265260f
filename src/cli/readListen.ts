import type { Listen } from "#cli/deps.ts";
import { WaybillError } from "#core/errors.ts";

/** `HOST:PORT`, an IPv6 address in brackets. USAGE_INVALID naming the flag. */
export const readListen = (text: string, name: string): Listen => {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new WaybillError(
      "USAGE_INVALID",
      `${name} ${JSON.stringify(text.slice(0, 120))} is not of the form HOST:PORT`,
      {
        hint: "Write a loopback address and a port, such as 127.0.0.1:5000; port 0 takes a free one.",
      },
    );
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
};
