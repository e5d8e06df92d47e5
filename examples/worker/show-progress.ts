/** Shows how far something is: on a terminal a bar that grows, elsewhere a line for every quarter. */
export function showProgress(what: string): { show(fraction: number): void; end(): void } {
  const { stdout } = process;
  const width = 30;
  let shown = 0;
  return {
    show(fraction) {
      const percent = Math.floor(fraction * 100);
      if (stdout.isTTY === true) {
        const full = Math.round(fraction * width);
        stdout.write(`\r${what} [${"#".repeat(full)}${" ".repeat(width - full)}] ${String(percent).padStart(3)} %`);
      } else if (percent >= shown + 25) {
        shown = percent - (percent % 25);
        console.log(`${what}: ${shown} %`);
      }
    },
    end() {
      if (stdout.isTTY === true) {
        stdout.write("\n");
      }
    },
  };
}
