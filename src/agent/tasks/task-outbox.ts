import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { Code, toStatusError } from "../../base/status.js";
import type { AgentBus } from "../../bus/agent-bus.js";

/**
 * Sends what must arrive: the responses that nothing else would bring, and cancels. Where there is no room for one, it is
 * kept until there is. Otherwise whoever has a thousand tasks end at the same time would have some of them wait, or work,
 * for ever.
 */
export class TaskOutbox {
  readonly #bus: () => AgentBus;
  readonly #send: (message: BusMessage) => void;
  /** By target, in order. */
  readonly #kept = new Map<string, BusMessage[]>();
  #stopListening: (() => void) | undefined;

  constructor(bus: () => AgentBus, send: (message: BusMessage) => void) {
    this.#bus = bus;
    this.#send = send;
  }

  /**
   * Sends a message to `target`, now or once there is room. Returns false when `max` messages are kept for it already.
   * Throws what `send()` throws, but for want of room.
   */
  send(message: BusMessage, target: string, max: number): boolean {
    const kept = this.#kept.get(target) ?? [];
    if (kept.length === 0 && this.#tryToSend(message)) {
      return true;
    }
    if (kept.length >= max) {
      return false;
    }
    kept.push(message);
    this.#kept.set(target, kept);
    this.#stopListening ??= this.#bus().on("relieved", () => this.#flush());
    return true;
  }

  #flush(): void {
    for (const [target, kept] of this.#kept) {
      let sent = 0;
      while (sent < kept.length && this.#isSettled(kept[sent] as BusMessage)) {
        sent++;
      }
      kept.splice(0, sent);
      if (kept.length === 0) {
        this.#kept.delete(target);
      }
    }
    if (this.#kept.size === 0) {
      this.#stopListening?.();
      this.#stopListening = undefined;
    }
  }

  /** Whether a message needn't be kept any more. */
  #isSettled(message: BusMessage): boolean {
    try {
      return this.#tryToSend(message);
    } catch {
      // The bus has stopped, and with it whoever waited.
      return true;
    }
  }

  /** Returns false where there is no room. */
  #tryToSend(message: BusMessage): boolean {
    try {
      this.#send(message);
      return true;
    } catch (error) {
      if (toStatusError(error).code !== Code.RESOURCE_EXHAUSTED) {
        throw error;
      }
      return false;
    }
  }
}
