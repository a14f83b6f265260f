import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { formatTufMirror, parseTufMirror } from "#main/tufMirror.ts";

describe("parseTufMirror", () => {
  it.each([
    ["https://tuf.example/path/", "https://tuf.example/path"],
    ["HTTPS://TUF.example:443", "https://tuf.example"],
    ["http://127.0.0.1:8080/tuf", "http://127.0.0.1:8080/tuf"],
    ["/mnt/tuf/", "/mnt/tuf"],
    ["below/../tuf", resolve("tuf")],
    ["file:///mnt/a%20b", "/mnt/a b"],
  ])("reads %s", (text, name) => {
    expect(formatTufMirror(parseTufMirror(text, "--mirror"))).toBe(name);
  });

  it.each([
    ["", "names no mirror"],
    ["ftp://x", "is an address of another kind"],
    ["https://", "is no address"],
    ["https://user:secret@x/", "holds a user"],
    ["https://x/?token=secret", "holds a user"],
    ["file://other/mnt", "names a file of another machine"],
  ])("refuses %j without repeating it", (text, why) => {
    expect(() => parseTufMirror(text, "--mirror")).toThrow(new RegExp(`^--mirror ${why}(?!.*secret)`));
  });
});
