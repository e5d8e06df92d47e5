import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Where Chromium is, as Debian's package installs it; undefined where it isn't. */
export function findChromium(): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "chromium"))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * For a hook: skips its tests where there is no Chromium, and prints why; in CI, which installs it, they fail.
 */
export function requireChromium(context: { skip(): never }): void {
  if (findChromium() === undefined) {
    const reason = "there is no chromium: Debian's package of that name has it";
    if ((process.env["CI"] ?? "") !== "") {
      throw new Error(reason);
    }
    console.log(`      skipped: ${reason}`);
    context.skip();
  }
}

/** Starts Chromium, without a window. */
export function launchChromium(...args: readonly string[]): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error("there is no chromium");
  }
  return chromium.launch({ executablePath, args: [...args] });
}
