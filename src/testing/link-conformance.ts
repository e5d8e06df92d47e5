import { linkClosingCases } from "./link-closing-cases.js";
import { linkDeliveryCases } from "./link-delivery-cases.js";
import { linkFlowCases } from "./link-flow-cases.js";
import { type DefineLink, type LinkSetup, LinkWorkbench } from "./link-workbench.js";
import { runCase } from "./run-case.js";
import type { ConformanceCase } from "./transport-conformance.js";

export type { LinkPair, LinkRig, LinkSetup } from "./link-workbench.js";

/**
 * The promises of `Link`, as cases for any test framework, like those of `transportConformance()`. `setup` is called for
 * each case anew, and its `dispose` after it. The links must speak Protocol Buffers, and take messages of up to 1 MiB and
 * none that is larger.
 */
export function linkConformance(setup: LinkSetup): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const define: DefineLink = (name, body) => {
    cases.push({
      name,
      async run() {
        const workbench = new LinkWorkbench(await setup());
        await runCase(workbench, async () => body(await workbench.connect(), workbench));
      },
    });
  };
  linkDeliveryCases(define);
  linkFlowCases(define);
  linkClosingCases(define);
  return cases;
}
