import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lacksChromium, launchChromium } from "./chromium-node.js";
import { findProgram } from "./find-program-node.js";

/** The browsers that the tests can run in. WebKit is what Safari is made of. */
export const browserNames = ["chromium", "firefox", "webkit"] as const;

export type BrowserName = (typeof browserNames)[number];

/** What a page tells besides what it is made to tell. */
export interface PageEvents {
  /** A line in its console. Chromium alone tells it. */
  line(text: string): void;
  /** The page, or the whole browser, is gone. */
  gone(why: string): void;
}

/** How a browser is started that nothing but its command line drives. */
interface Program {
  find(): string | undefined;
  /** The package of Debian that has it. */
  readonly packages: string;
  /** What is run, for a profile in this folder. */
  command(path: string, profile: string): readonly string[];
  /** The files of the profile. */
  readonly files: Readonly<Record<string, string>>;
}

const programs: Readonly<Record<Exclude<BrowserName, "chromium">, Program>> = {
  firefox: {
    find: () => findProgram("firefox", "firefox-esr"),
    packages: "firefox-esr",
    command: (path, profile) => [path, "--headless", "--no-remote", "--profile", profile],
    // After attempts to connect that fail, it holds up those that follow, up to a minute. Tests make many that fail.
    files: { "user.js": 'user_pref("network.websocket.delay-failed-reconnects", false);\n' },
  },
  webkit: {
    find: () =>
      findProgram("xvfb-run") === undefined
        ? undefined
        : findProgram(
            "MiniBrowser",
            ...["4.1", "6.0", "4.0"].map((version) => `/usr/lib/${multiarch()}/webkit2gtk-${version}/MiniBrowser`),
          ),
    packages: "webkit2gtk-driver xvfb",
    command: (path) => ["xvfb-run", "--auto-servernum", path],
    files: {},
  },
};

/** Why a browser can't be tested in; undefined when it can. */
export function lacksBrowser(name: BrowserName): string | undefined {
  if (name === "chromium") {
    return lacksChromium();
  }
  const { find, packages } = programs[name];
  return find() === undefined ? `there is no ${name}: on Debian, apt-get install ${packages}` : undefined;
}

/** Opens a page in a browser of its own, which ends when it is disposed of. */
export function openPage(name: BrowserName, url: string, events: PageEvents): Promise<AsyncDisposable> {
  return name === "chromium" ? openInChromium(url, events) : openByCommand(programs[name], url, events);
}

async function openInChromium(url: string, { line, gone }: PageEvents): Promise<AsyncDisposable> {
  const browser = await launchChromium();
  const page = await browser.newPage();
  page.on("console", (message) => line(message.text()));
  page.on("pageerror", (error) => line(error.stack ?? error.message));
  page.on("crash", () => gone("the page has crashed"));
  await page.goto(url);
  return { [Symbol.asyncDispose]: () => browser.close() };
}

async function openByCommand(program: Program, url: string, { gone }: PageEvents): Promise<AsyncDisposable> {
  const profile = await mkdtemp(join(tmpdir(), "crossbus-browser-"));
  for (const [file, text] of Object.entries(program.files)) {
    await writeFile(join(profile, file), text);
  }
  const [command = "", ...args] = program.command(program.find() as string, profile);
  // A group of its own: a browser is many processes, which have to end together.
  const child = spawn(command, [...args, url], {
    stdio: "ignore",
    detached: true,
    // In a container, where tests run as root, WebKit has no rights to make a sandbox of.
    env: { ...process.env, HOME: profile, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
  });
  const exited = once(child, "exit");
  exited.then(
    ([code]) => gone(`the browser has ended with ${code}`),
    (error: Error) => gone(error.message),
  );
  return {
    async [Symbol.asyncDispose]() {
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        // It has ended already.
      }
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The part of Debian's folders that says which machine its libraries are for. */
function multiarch(): string {
  return process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}
