import { mayDo } from "#records/token.ts";
import type { Permission, Principal } from "#records/token.ts";

/** Whether whoever asks may do this at all; whether the thing is theirs shows when it is looked for in their tenant. */
export const authorise = (principal: Principal, permission: Permission): boolean => mayDo(principal.role, permission);
