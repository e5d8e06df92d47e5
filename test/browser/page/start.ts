/** Comes before the tests: from here on what they open is counted, and mocha is ready for them. */
import { countOpen } from "./stand-ins/open.js";

const { grep } = Object.fromEntries(new URLSearchParams(location.search));

/** What is told of the tests goes to Node: see report.ts. */
class Silent {}

mocha.setup({
  ui: "bdd",
  timeout: 10_000,
  forbidOnly: true,
  reporter: Silent as unknown as Mocha.ReporterConstructor,
  ...(grep === undefined ? {} : { grep }),
});
countOpen();
// As in Node. Mocha has errors keep all of it, which takes tests that make thousands of them too long.
Error.stackTraceLimit = 10;
