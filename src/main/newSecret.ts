import { randomBytes } from "node:crypto";

/** What secret scanners can look for. */
export const TOKEN_PREFIX = "wbt_";

/** A token of the service: 256 random bits. */
export const newSecret = (): string => TOKEN_PREFIX + randomBytes(32).toString("base64url");
