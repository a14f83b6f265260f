import { logIn } from "#app/logIn.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import { required } from "#cli/paperFlags.ts";
import { readRegistryName } from "#cli/readRegistryName.ts";
import { connectionFlags } from "#cli/registryFlags.ts";
import { WaybillError } from "#core/errors.ts";
import { readAll } from "#core/verifiedBytes.ts";

const MAX_PASSWORD_BYTES = 64 * 1024;

export const command = defineCommand({
  positionals: [{ name: "HOST" }],
  description:
    "Asks the registry whether it accepts them, and keeps them where docker login would: with the credential helper that the file names, else in the file. Without --password-stdin the password is asked for on the terminal.",
  flags: {
    username: flag.text({ short: "u", value: "NAME", summary: "user name" }),
    password: flag.text({
      short: "p",
      value: "PASSWORD",
      secret: true,
      summary: "password or token; better --password-stdin, since a command line can be read by others",
    }),
    passwordStdin: flag.toggle({ default: false, summary: "read the password from stdin" }),
    ...connectionFlags,
  },
  examples: [
    ["waybill login registry.example -u ann --password-stdin < password.txt", "from a file"],
    ['echo "$TOKEN" | waybill login ghcr.io -u ann --password-stdin', "from a variable"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const registry = readRegistryName(args[0] ?? "");
    const username = required(flags.username, "--username", "Say who logs in: -u NAME.");
    if (username.includes(":"))
      throw new WaybillError("USAGE_INVALID", "--username: a user name holds no colon (RFC 7617)");
    const password = await readPassword(io, flags, () =>
      deps.askSecret(ctx, `Password of ${username} at ${registry}: `),
    );
    const { place, checked } = await logIn(await deps.openLogins(flags))(ctx, { registry, username, password });
    if (checked === "unasked")
      io.warn(`${registry} asks nobody for credentials, so that nobody knows whether these are good`);
    io.note(`logged in to ${registry} as ${username}, kept by ${place}`);
    return 0;
  },
});

const readPassword = async (
  io: Io,
  { password, passwordStdin }: { readonly password: string | undefined; readonly passwordStdin: boolean },
  ask: () => Promise<string | undefined>,
): Promise<string> => {
  if (passwordStdin && password !== undefined)
    throw new WaybillError("USAGE_INVALID", "--password and --password-stdin: the password comes from one of them");
  if (password !== undefined)
    io.warn("--password can be read by others who list processes, and by whoever reads the shell's history");
  const given = password ?? (passwordStdin ? await readPiped(io) : await ask());
  if (given !== undefined && given !== "") return given;
  throw new WaybillError("USAGE_INVALID", given === undefined ? "no password was given" : "the password is empty", {
    hint: "Give it on stdin with --password-stdin, or type it on a terminal.",
  });
};

/** As docker: one line break at the end is not a part of it. */
const readPiped = async (io: Io): Promise<string> =>
  (await readAll(io.readStdin(), MAX_PASSWORD_BYTES, "the password")).toString().replace(/\r?\n$/, "");
