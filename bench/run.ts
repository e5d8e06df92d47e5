/** Measures how fast things are: `npm run bench`. `--help` says more. */
import { main } from "./harness/main.js";
import { codecWorkload } from "./workloads/codec.js";
import { bridgeWorkload } from "./workloads/bridge.js";
import { rttWorkload } from "./workloads/rtt.js";
import { taskWorkload } from "./workloads/task.js";

process.exitCode = await main([codecWorkload, bridgeWorkload, rttWorkload, taskWorkload]);
