import { flag } from "#cli/flag.ts";

export const tenantFlag = {
  tenant: flag.text({ value: "NAME", default: "default", summary: "tenant that the token belongs to" }),
};
