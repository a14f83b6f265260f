import { describe, expect, it } from "vitest";
import { COMMANDS } from "#cli/commands.ts";
import { flagsOf } from "#cli/globalFlags.ts";
import { flagName, variablesOf } from "#cli/readFlags.ts";
import { peer } from "./peers.ts";
import { run } from "./run.ts";

// What a flag of cosign's asks for is done, refused or said to have no effect: never passed over, least of all in a variable.

/** Flags of a command's own, as cosign's help lists them; none where it has no such command. */
const flagsIn = async (cosign: "cosign2" | "cosign3", command: string): Promise<readonly string[]> => {
  const { stdout, code } = await run(peer(cosign), [...command.split(" "), "--help"]);
  // A group's help is what cosign prints for a member that it does not know.
  if (code !== 0 || !stdout.includes(`cosign ${command}`)) return [];
  const own = stdout.split(/^Global Flags/m)[0] ?? "";
  const names = own.matchAll(/^ +(?:-[a-zA-Z], )?--([a-z0-9-]+)/gm).map(([, name = ""]) => name);
  return [...names].filter((name) => name !== "help");
};

describe.each(["cosign2", "cosign3"] as const)("flags of %s", (cosign) => {
  it("are known to every command of the same name, and given by COSIGN_<FLAG>", async () => {
    const unknown: string[] = [];
    const unread: string[] = [];
    let seen = 0;
    for (const { name, load } of COMMANDS) {
      const ours = new Set(Object.keys(flagsOf((await load()).command)).map(flagName));
      for (const flag of await flagsIn(cosign, name)) {
        seen++;
        if (!ours.has(flag)) unknown.push(`${name} --${flag}`);
        if (!variablesOf(flag).includes(`COSIGN_${flag.replaceAll("-", "_").toUpperCase()}`)) unread.push(flag);
      }
    }
    expect(unknown).toEqual([]);
    // COSIGN_PASSWORD is that of a key, and no login's.
    expect(unread).toEqual(["password"]);
    expect(seen).toBeGreaterThan(300);
  });
});
