import { fail } from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { BrowserContext, Page } from "playwright-core";

/** A page of the dashboard and everything that went wrong on it. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings of the console, which hold violations of the policy, uncaught errors, and dialogs. */
  readonly troubles: readonly string[];
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** Chromium with an empty profile, which talks to nobody but the page's own origin. */
export interface TestBrowser extends AsyncDisposable {
  readonly openPage: (options?: PageOptions) => Promise<OpenPage>;
}

// Debian's Chromium; as root it cannot have its own sandbox.
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const STEP_MS = 15_000;

export const startBrowser = async (): Promise<TestBrowser> => {
  const profiles = mkdtempSync(join(tmpdir(), "waybill-chromium-"));
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ARGS,
    // Crash reports and caches belong into the profile, not into the home of whoever runs the tests.
    env: { PATH: process.env["PATH"] ?? "", HOME: profiles },
  });
  return {
    openPage: async ({ width = 1280, height = 900, scheme = "light" } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: "reduce",
        permissions: ["clipboard-read", "clipboard-write"],
      });
      return watchPage(context);
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      rmSync(profiles, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

const watchPage = async (context: BrowserContext): Promise<OpenPage> => {
  const troubles: string[] = [];
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error.message}`));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, troubles, [Symbol.asyncDispose]: () => context.close() };
};

/** `WAYBILL_CHROMIUM`, else the one on the PATH. */
const findChromium = (): string => {
  const named = process.env["WAYBILL_CHROMIUM"];
  if (named !== undefined) return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, "chromium")).find((path) => existsSync(path));
  return found ?? fail("there is no chromium: apt-get install chromium, or name one with WAYBILL_CHROMIUM");
};

/** Where screenshots go: `WAYBILL_TEST_OUTPUT`, else a folder of their own below the system's for temporary files. */
export const screenshotFolder = (): string => {
  const named = process.env["WAYBILL_TEST_OUTPUT"] ?? "";
  const folder = join(named === "" ? tmpdir() : named, "waybill-dashboard");
  mkdirSync(folder, { recursive: true });
  return folder;
};
