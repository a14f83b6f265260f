import { describe, expect, it } from "vitest";
import { readBypassRules } from "#net/bypassRules.ts";

describe("readBypassRules", () => {
  it.each([
    ["", "registry.example", "443", false],
    ["*", "registry.example", "443", true],
    ["example.com", "example.com", "443", true],
    ["example.com", "registry.example.com", "443", true],
    ["example.com", "notexample.com", "443", false],
    [".example.com", "registry.example.com", "443", true],
    [".example.com", "example.com", "443", false],
    ["*.example.com", "registry.example.com", "443", true],
    ["*.example.com", "example.com", "443", false],
    [" other , EXAMPLE.com ", "example.com", "443", true],
    ["example.com:5000", "example.com", "5000", true],
    ["example.com:5000", "example.com", "443", false],
    ["10.0.0.0/8", "10.1.2.3", "443", true],
    ["10.0.0.0/8", "11.1.2.3", "443", false],
    ["10.0.0.0/8", "ten.example", "443", false],
    ["10.0.0.0/33", "10.1.2.3", "443", false],
    ["192.168.1.1", "192.168.1.1", "443", true],
    ["192.168.1.1:5000", "192.168.1.1", "443", false],
    ["2001:db8::/32", "2001:db8::7", "443", true],
    ["2001:db8::7", "2001:db8:0:0::7", "443", true],
    ["[2001:db8::7]:5000", "2001:db8::7", "5000", true],
    ["[2001:db8::7]:5000", "2001:db8::7", "443", false],
    ["", "localhost", "5000", true],
    ["", "127.8.8.8", "5000", true],
    ["", "::1", "5000", true],
    [",,.,:80", "registry.example", "80", false],
  ])("%j for %s:%s: %s", (rules, host, port, expected) => {
    expect(readBypassRules(rules)(host, port)).toBe(expected);
  });
});
