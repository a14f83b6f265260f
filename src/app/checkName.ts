import { WaybillError } from "#core/errors.ts";

// Names stand in paths, tags and annotations; builders.md A23 makes a tag of a build's name.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The name, or INPUT_INVALID naming `field`. */
export const checkName = (name: string, field: string): string => {
  if (NAME.test(name)) return name;
  throw new WaybillError("INPUT_INVALID", `${field}: ${JSON.stringify(name.slice(0, 160))} is no name`, {
    hint: "A name is 1 to 128 letters, digits and . _ - and begins with a letter or a digit.",
    details: { field },
  });
};
