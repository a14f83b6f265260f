import { WaybillError } from "#core/errors.ts";

/** Bcrypt hashes by user. */
export type PasswordHashes = ReadonlyMap<string, string>;

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
// Beyond this one check takes seconds, which is more of a danger than a weak password.
const MAX_COST = 14;
const MIN_COST = 4;
const MAX_USERS = 10_000;

/**
 * Reads a file as `htpasswd -B` writes it: `USER:HASH` lines, comments and blank lines. CONFIG_INVALID naming file and line
 * for anything but bcrypt: the other formats are no protection (MD5, SHA-1, DES, plain text). No hash is ever repeated.
 */
export const parseHtpasswd = (text: string, path: string): PasswordHashes => {
  const users = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const where = `${path}, line ${index + 1}`;
    const { user, hash } = parseLine(line.trimEnd(), where);
    if (users.has(user)) throw invalid(where, `the user ${JSON.stringify(user)} is there twice`);
    users.set(user, hash);
    if (users.size > MAX_USERS) throw invalid(path, `has more than ${MAX_USERS} users`);
  }
  if (users.size === 0) throw invalid(path, "names no user");
  return users;
};

const parseLine = (line: string, where: string): { readonly user: string; readonly hash: string } => {
  const colon = line.indexOf(":");
  if (colon < 1) throw invalid(where, "is not of the form USER:HASH");
  const [user, hash] = [line.slice(0, colon), line.slice(colon + 1)];
  const cost = Number(BCRYPT.exec(hash)?.[1] ?? Number.NaN);
  if (Number.isNaN(cost))
    throw invalid(where, `the password of ${JSON.stringify(user.slice(0, 80))} is not hashed with bcrypt`);
  if (cost < MIN_COST || cost > MAX_COST)
    throw invalid(where, `bcrypt with cost ${cost}; it must be ${MIN_COST} to ${MAX_COST}`);
  return { user, hash };
};

const invalid = (where: string, reason: string): WaybillError =>
  new WaybillError("CONFIG_INVALID", `${where}: ${reason}`, {
    hint: "Write the file with htpasswd -B, which hashes with bcrypt: htpasswd -Bc FILE USER.",
  });
