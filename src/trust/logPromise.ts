import { encodeBase64 } from "#claims/base64.ts";
import type { LogEntry } from "#claims/logEntry.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import type { Fault } from "#trust/fault.ts";
import type { TrustedLog } from "#trust/trustRoot.ts";

// The end of the year 9999, in seconds: after it dates have other spellings.
const MAX_TIME = 253_402_300_799n;

/**
 * When the log took the entry, given that its promise to include it is good (cosign.md 6.2): a signature over the entry's
 * body, time, log and index in the order and spelling of RFC 8785.
 */
export const checkPromise = (entry: LogEntry, promise: Uint8Array, { key, logId }: TrustedLog): Date | Fault => {
  const { body, integratedTime: time, index } = entry;
  if (body === undefined || time === undefined || time > MAX_TIME)
    return { code: "log-promise", reason: "its log entry has a promise without a time" };
  const id = Buffer.from(logId).toString("hex");
  const promised = `{"body":"${encodeBase64(body)}","integratedTime":${time},"logID":"${id}","logIndex":${index}}`;
  if (checkSignature(key, Buffer.from(promised), promise) === undefined)
    return { code: "log-promise", reason: "its log entry has a promise that the log did not sign" };
  return new Date(Number(time) * 1000);
};
