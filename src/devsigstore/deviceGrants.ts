import { randomBytes } from "node:crypto";
import { WaybillError } from "#core/errors.ts";
import { challengeOf } from "#devsigstore/signIns.ts";

/** What a program without a browser waits for (RFC 8628). */
export interface DeviceGrants {
  /** LIMIT_EXCEEDED for too many at once. */
  readonly open: (challenge: string | undefined) => { readonly deviceCode: string; readonly userCode: string };
  /** False for a code that nobody waits with. */
  readonly approve: (userCode: string, email: string) => boolean;
  /** The address once somebody gave it; undefined for a code that is unknown, used or old, or of another verifier. */
  readonly take: (
    deviceCode: string,
    verifier: string | undefined,
  ) => "pending" | { readonly email: string } | undefined;
}

export const DEVICE_SECONDS = 300;
const MAX_OPEN = 1000;

interface Grant {
  readonly userCode: string;
  readonly challenge: string | undefined;
  readonly until: number;
  readonly email?: string;
}

/** `now` in milliseconds since 1970. */
export const createDeviceGrants = (now: () => number): DeviceGrants => {
  const grants = new Map<string, Grant>();
  const find = (deviceCode: string): Grant | undefined => {
    const grant = grants.get(deviceCode);
    if (grant === undefined || grant.until > now()) return grant;
    grants.delete(deviceCode);
    return undefined;
  };
  return {
    open: (challenge) => {
      for (const code of grants.keys()) find(code);
      if (grants.size >= MAX_OPEN) throw new WaybillError("LIMIT_EXCEEDED", `more than ${MAX_OPEN} sign-ins at once`);
      const [deviceCode, userCode] = [randomBytes(16).toString("hex"), randomBytes(4).toString("hex")];
      grants.set(deviceCode, { userCode, challenge, until: now() + DEVICE_SECONDS * 1000 });
      return { deviceCode, userCode };
    },
    approve: (userCode, email) => {
      const [code] = [...grants].find(([one]) => find(one)?.userCode === userCode) ?? [];
      const grant = code === undefined ? undefined : find(code);
      if (code === undefined || grant === undefined) return false;
      grants.set(code, { ...grant, email });
      return true;
    },
    take: (deviceCode, verifier) => {
      const grant = find(deviceCode);
      if (grant === undefined) return undefined;
      if (grant.challenge !== undefined && grant.challenge !== challengeOf(verifier)) return undefined;
      if (grant.email === undefined) return "pending";
      grants.delete(deviceCode);
      return { email: grant.email };
    },
  };
};
