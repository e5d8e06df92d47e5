/** Audio frames of 640 bytes, from one end beyond a gateway to the other. */

import { relayedPipes } from "./relayed-pipe.js";
import { audioMessage } from "./sample-message.js";

export const { serve, connect } = relayedPipes(audioMessage);
