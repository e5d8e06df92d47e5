const { stdout } = process;
let shown = false;

/** Prints a line. */
export function say(line: string): void {
  clear();
  stdout.write(`${line}\n`);
}

/**
 * Says how far the work is: on a terminal in one line that the next one replaces, and elsewhere with a line of
 * its own, if there is one.
 */
export function sayProgress(count: string, what: string, line?: string): void {
  if (stdout.isTTY) {
    clear();
    stdout.write(`${count} ${what}`.slice(0, stdout.columns - 1));
    shown = true;
  } else if (line !== undefined) {
    say(line);
  }
}

function clear(): void {
  if (shown) {
    stdout.write("\r\u001b[K");
    shown = false;
  }
}
