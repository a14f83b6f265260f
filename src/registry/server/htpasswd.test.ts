import { hashSync } from "bcryptjs";
import { describe, expect, it } from "vitest";
import { comparePassword } from "#registry/server/comparePassword.ts";
import { parseHtpasswd } from "#registry/server/htpasswd.ts";

// As apache's htpasswd -nbB writes it, of the password "open sesame".
const HASH = hashSync("open sesame", 4).replace("$2b$", "$2y$");

describe("a file of users", () => {
  it("holds bcrypt hashes, comments and blank lines", () => {
    const users = parseHtpasswd(`# people\n\nanna:${HASH}\r\nbert:${HASH}\n`, "users");
    expect([...users.keys()]).toEqual(["anna", "bert"]);
    expect(comparePassword("open sesame", users.get("anna") ?? "")).toBe(true);
    expect(comparePassword("open sesam", users.get("anna") ?? "")).toBe(false);
  });

  it.each([
    ["MD5", "anna:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", "users, line 1"],
    ["SHA-1", "anna:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "not hashed with bcrypt"],
    ["DES", "anna:rqXexS6ZhobKA", "not hashed with bcrypt"],
    ["plain text", "anna:hunter2", "not hashed with bcrypt"],
    ["a hash that is cut off", `anna:${HASH.slice(0, -1)}`, "not hashed with bcrypt"],
    ["a cost that takes minutes", `anna:${HASH.replace("$04$", "$20$")}`, "cost 20"],
    ["no user", `:${HASH}`, "USER:HASH"],
    ["no colon", "anna", "USER:HASH"],
    ["one user twice", `anna:${HASH}\nanna:${HASH}`, "line 2"],
    ["nobody", "# nobody yet\n", "names no user"],
  ])("is refused with %s, and quotes no hash", (_, text, reason) => {
    const refusal = ((): unknown => {
      try {
        return parseHtpasswd(text, "users");
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining(reason) as string });
    const secrets = text.split("\n").flatMap((line) => line.split(":").slice(1));
    expect(secrets.filter((secret) => String(refusal).includes(secret))).toEqual([]);
  });
});
