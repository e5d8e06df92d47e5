import Mocha from "mocha";
import type { PageError, RunEvent } from "./run-tests-node.js";

/** Prints a run as mocha does. */
export interface Printer {
  readonly passes: number;
  readonly failures: number;
  report(event: RunEvent): void;
  /** Prints how many tests passed, and what is wrong with the others. Returns the latter. */
  summary(): readonly string[];
}

/** Makes what prints a run, line by line. `isBrief` leaves out all but the summary. */
export function printTo(print: (line: string) => void, { isBrief = false } = {}): Printer {
  const failed: Extract<RunEvent, { event: "fail" }>[] = [];
  const start = performance.now();
  let [passes, pendings, depth] = [0, 0, 0];
  const line = (text: string) => isBrief || print(`${"  ".repeat(depth)}${text}`);
  return {
    get passes() {
      return passes;
    },
    get failures() {
      return failed.length;
    },
    report(event) {
      switch (event.event) {
        case "suite":
          depth++;
          line(event.title);
          break;
        case "suite end":
          depth--;
          break;
        case "pass":
          passes++;
          line(`  ✔ ${event.title}${event.duration > 75 ? ` (${event.duration}ms)` : ""}`);
          break;
        case "pending":
          pendings++;
          line(`  - ${event.title}`);
          break;
        case "fail":
          failed.push(event);
          line(`  ${failed.length}) ${event.title}`);
          break;
        case "end":
          break;
      }
    },
    summary() {
      print("");
      print(`  ${passes} passing (${Math.round((performance.now() - start) / 1000)}s)`);
      if (pendings > 0) {
        print(`  ${pendings} pending`);
      }
      if (failed.length > 0) {
        print(`  ${failed.length} failing`);
      }
      const texts = failed.map(({ fullTitle, error }, i) => `  ${i + 1}) ${fullTitle}:\n${textOf(error)}`);
      for (const text of texts) {
        print("");
        print(text);
      }
      print("");
      return texts;
    },
  };
}

function textOf({ message, stack, cause, actual, expected }: PageError): string {
  const told = stack.includes(message) ? stack : `${message}\n${stack}`;
  const isDifferent = actual !== undefined && expected !== undefined && actual !== expected;
  const difference = isDifferent ? `\n${Mocha.reporters.Base.generateDiff(actual, expected)}` : "";
  return `${told}${difference}${cause === undefined ? "" : `\nCaused by: ${textOf(cause)}`}`;
}
