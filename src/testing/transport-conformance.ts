import { runCase } from "./run-case.js";
import { admittingCases } from "./transport-admitting-cases.js";
import { arrivingCases } from "./transport-arriving-cases.js";
import { backpressureCases } from "./transport-backpressure-cases.js";
import { closingCases } from "./transport-closing-cases.js";
import { connectingCases } from "./transport-connecting-cases.js";
import { deliveryCases } from "./transport-delivery-cases.js";
import { undeliveredCases } from "./transport-undelivered-cases.js";
import { type ConformanceSetup, type DefinePair, type DefineWorkbench, Workbench } from "./transport-workbench.js";

export type { ConformanceRig, ConformanceSetup } from "./transport-workbench.js";

/** One thing that a transport must do. `run` rejects when it doesn't. */
export interface ConformanceCase {
  /** The behaviour, in a sentence. */
  readonly name: string;
  run(): Promise<void>;
}

/**
 * The promises of `Transport`, `ServerTransport` and `Connection`, as cases for any test framework: each has a
 * name and a function to run. `setup` is called for each case anew, and its `dispose` after it. The transport
 * must take messages of up to 1 MiB, and none that is larger.
 *
 * A case that waits for what never comes rejects after 20 s, and says what each end had got by then: let the framework wait
 * for longer. Some cases have `accept` or a consumer throw, which the transport logs.
 *
 * ```ts
 * for (const { name, run } of transportConformance(setup)) {
 *   it(name, run).timeout(60_000);
 * }
 * ```
 */
export function transportConformance(setup: ConformanceSetup): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const workbench: DefineWorkbench = (name, body) => {
    cases.push({
      name,
      async run() {
        const opened = new Workbench(await setup());
        await runCase(opened, () => body(opened));
      },
    });
  };
  const pair: DefinePair = (name, body) =>
    workbench(name, async (opened) => {
      await opened.listen();
      await body(await opened.connect(), opened);
    });
  deliveryCases(pair);
  backpressureCases(pair);
  closingCases(pair);
  undeliveredCases(pair);
  connectingCases(workbench);
  admittingCases(workbench);
  arrivingCases(workbench);
  return cases;
}
