import type { Attack } from "./attack.js";
import { patienceAttacks } from "./patience.js";
import { upgradeAttacks } from "./upgrade.js";

/** All attacks. */
export const attacks: readonly Attack[] = [...upgradeAttacks, ...patienceAttacks];
