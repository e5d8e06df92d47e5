import type { Attack } from "./attack.js";
import { linkFrameAttacks } from "./link-frames.js";
import { logAttacks } from "./logs.js";
import { patienceAttacks } from "./patience.js";
import { policyAttacks } from "./policy.js";
import { pythonAttacks } from "./python.js";
import { resourceAttacks } from "./resources.js";
import { sessionAttacks } from "./sessions.js";
import { strangerAttacks } from "./strangers.js";
import { upgradeAttacks } from "./upgrade.js";
import { valueAttacks } from "./values.js";
import { webSocketAttacks } from "./web-socket.js";

/** All attacks: those first that take long, since the others go on beside them. */
export const attacks: readonly Attack[] = [
  ...resourceAttacks,
  ...patienceAttacks,
  ...upgradeAttacks,
  ...strangerAttacks,
  ...webSocketAttacks,
  ...linkFrameAttacks,
  ...sessionAttacks,
  ...policyAttacks,
  ...valueAttacks,
  ...pythonAttacks,
  ...logAttacks,
];
