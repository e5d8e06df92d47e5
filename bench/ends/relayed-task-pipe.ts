/** Requests to do a task, with a payload of 1 kB, from one end beyond a gateway to the other. */
import { busMessage } from "../../src/index.js";
import { payload, task } from "./codec.js";
import { relayedPipes } from "./relayed-pipe.js";

export const { serve, connect } = relayedPipes((source, target) =>
  busMessage("taskRequest", { ...task, payload }, { source, target }),
);
