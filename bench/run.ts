/** Measures how fast things are: `npm run bench`. `--help` says more. */
import { main } from "./harness/main.js";
import { bridgeWorkload } from "./workloads/bridge.js";
import { rttWorkload } from "./workloads/rtt.js";

process.exitCode = await main([bridgeWorkload, rttWorkload]);
