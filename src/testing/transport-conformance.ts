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
 * ```ts
 * for (const { name, run } of transportConformance(setup)) {
 *   it(name, run);
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
        try {
          await body(opened);
        } finally {
          await opened.dispose();
        }
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
