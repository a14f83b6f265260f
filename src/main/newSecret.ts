import { randomBytes } from "node:crypto";

/** A token of the service: 256 random bits behind a prefix that secret scanners can look for. */
export const newSecret = (): string => `wbt_${randomBytes(32).toString("base64url")}`;
