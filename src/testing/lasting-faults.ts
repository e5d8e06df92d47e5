import type { Clock } from "../base/clock.js";
import { Timer } from "../transport/timer.js";
import type { DelayFault, FaultEvent, HalfOpenFault, ThrottleFault } from "./fault.js";
import type { Lane } from "./lane.js";

/** A fault that holds for a time. */
export type LastingFault = HalfOpenFault | DelayFault | ThrottleFault;

/** Has lanes go silent, or slow, and ends that in time. */
export class LastingFaults {
  readonly #lanes: Readonly<Record<"out" | "in", Lane>>;
  readonly #clock: Clock;
  readonly #note: (event: Pick<FaultEvent, "type" | "fault" | "direction">) => void;
  /** What ends each fault, by its type and direction. */
  readonly #timers = new Map<string, Timer>();

  constructor(
    lanes: Readonly<Record<"out" | "in", Lane>>,
    clock: Clock,
    note: (event: Pick<FaultEvent, "type" | "fault" | "direction">) => void,
  ) {
    this.#lanes = lanes;
    this.#clock = clock;
    this.#note = note;
  }

  /** Begins a fault, in place of one of its type. */
  begin(fault: LastingFault): void {
    const { type, direction = "both", forMs } = fault;
    this.#note({ type, direction });
    for (const name of direction === "both" ? (["out", "in"] as const) : [direction]) {
      const timer = this.#timer(`${type} ${name}`);
      timer.clear();
      if (forMs !== undefined) {
        timer.set(forMs, () => {
          this.#note({ type: "over", fault: type, direction: name });
          set(this.#lanes[name], fault, false);
        });
      }
      set(this.#lanes[name], fault, true);
    }
  }

  /** Ends none of the faults, but leaves no timer. */
  forget(): void {
    for (const timer of this.#timers.values()) {
      timer.clear();
    }
  }

  #timer(key: string): Timer {
    const timer = this.#timers.get(key) ?? new Timer(this.#clock);
    this.#timers.set(key, timer);
    return timer;
  }
}

function set(lane: Lane, fault: LastingFault, isOn: boolean): void {
  switch (fault.type) {
    case "halfOpen":
      lane.setSilent(isOn);
      break;
    case "delay":
      lane.setDelay(isOn ? fault.ms : 0, isOn ? (fault.jitterMs ?? 0) : 0);
      break;
    case "throttle":
      lane.setRate(isOn ? fault.bytesPerSecond : undefined);
      break;
  }
}
