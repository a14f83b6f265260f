import { linesOf } from "#sbom/linesOf.ts";

const TAG = /^Tag:\s*[^-\s]{1,200}-[^-\s]{1,200}-(\S{1,500})/;
const MACHINE = /^(?:many|musl)?linux(?:\d{0,4}|_\d{1,3}_\d{1,3})_([a-z][a-z0-9]{1,15}(?:_64)?)$/;

/** The machines for which a wheel was built, by the tags of its WHEEL file; none for one that runs everywhere (PEP 425, 600, 656). */
export const readWheelMachines = (bytes: Uint8Array): readonly string[] => {
  const machines = new Set<string>();
  for (const line of linesOf(new TextDecoder().decode(bytes))) {
    for (const platform of TAG.exec(line)?.[1]?.split(".") ?? []) {
      const [, machine] = MACHINE.exec(platform) ?? [];
      if (machine !== undefined && machines.size < 20) machines.add(machine);
    }
  }
  return [...machines];
};
