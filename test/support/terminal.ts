import { spawnSync } from "node:child_process";
import type { Context } from "mocha";

/** What makes a command line one that runs on a terminal of its own. Skips the test where nothing here can. */
export function requireTerminal(test: Context): (line: readonly string[]) => readonly string[] {
  if (/util-linux/.test(spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "")) {
    const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    // With exec, so that no shell stays in between: dash would end with 130 at a Ctrl-C that the command handles.
    return (line) => ["script", "-qfec", `exec ${line.map(quote).join(" ")}`, "/dev/null"];
  }
  if (spawnSync("python3", ["-c", "import os, pty; os.waitstatus_to_exitcode"]).status === 0) {
    const program = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    return (line) => ["python3", "-c", program, ...line];
  }
  console.log("skipped: there is neither the script of util-linux nor python3 to make a terminal");
  test.skip();
}
