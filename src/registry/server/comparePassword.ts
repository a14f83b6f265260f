import { compareSync } from "bcryptjs";

/** True where a bcrypt hash is that of the password, of which bcrypt heeds the first 72 bytes. Takes long: not for the main thread. */
export const comparePassword = (password: string, hash: string): boolean => compareSync(password, hash);
