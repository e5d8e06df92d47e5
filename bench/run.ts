/** Measures how fast things are: `npm run bench`. `--help` says more. */
import { main } from "./harness/main.js";
import { bridgeWorkload } from "./workloads/bridge.js";
import { busWorkload } from "./workloads/bus.js";
import { codecWorkload } from "./workloads/codec.js";
import { growthWorkload } from "./workloads/growth.js";
import { relayWorkload } from "./workloads/relay.js";
import { rttWorkload } from "./workloads/rtt.js";
import { sessionsWorkload } from "./workloads/sessions.js";
import { taskWorkload } from "./workloads/task.js";

process.exitCode = await main([
  codecWorkload,
  bridgeWorkload,
  rttWorkload,
  relayWorkload,
  busWorkload,
  sessionsWorkload,
  taskWorkload,
  growthWorkload,
]);
