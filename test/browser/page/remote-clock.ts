import type { Clock } from "../../../src/base/clock.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { call, newId, onRemote, type RemoteEvent } from "./remote.js";

/** A clock of the page that what is in Node goes by. */
export interface RemoteClock {
  readonly id: string;
  now(): number;
}

const known = new WeakMap<Clock, RemoteClock>();

/**
 * Has a listener in Node go by a clock of the page: the timers that are set there are set on this clock too, so that
 * whoever moves it, or counts its timers, finds them.
 */
export function remoteClock(clock: Clock): RemoteClock {
  const before = known.get(clock);
  if (before !== undefined) {
    return before;
  }
  const id = newId("clock");
  const timers = new Map<number, () => void>();
  const receive = ({ name, value }: RemoteEvent): void => {
    const { timer, ms = 0, at = 0 } = value as { timer: number; ms?: number; at?: number };
    if (name === "set") {
      const prevent = clock.after(Math.max(0, at + ms - clock.now()), () => {
        timers.delete(timer);
        call("fire", { clock: id, timer, now: clock.now() });
      });
      timers.set(timer, prevent);
    } else {
      timers.get(timer)?.();
      timers.delete(timer);
    }
  };
  onRemote(id, receive, true);
  if (clock instanceof VirtualClock) {
    // Whoever moves the clock has waited for what must have happened by then. The page must know of it too.
    const { advance, advanceAsync } = clock;
    clock.advance = (ms) => {
      call("take");
      advance.call(clock, ms);
    };
    clock.advanceAsync = (ms) => {
      call("take");
      return advanceAsync.call(clock, ms);
    };
  }
  const made = { id, now: () => clock.now() };
  known.set(clock, made);
  return made;
}
