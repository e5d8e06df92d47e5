import type { BusMessage, TaskCancel } from "../../../gen/crossbus/v1/message_pb.js";
import { LocalMessage } from "../../message/local-message.js";
import { deliveredBy } from "../../message/provenance.js";
import type { AgentContext } from "../agent-context.js";

/** What remembering cancels needs of the agent that does it. */
export interface EarlyCancelsOwner {
  readonly name: string;
  /** Throws FAILED_PRECONDITION before there is one. */
  context(): AgentContext;
}

/** A cancel that came before its request. */
interface EarlyCancel {
  readonly reason: string | undefined;
  /** Stops the clock that forgets it. */
  readonly keep: () => void;
}

/**
 * How many are remembered of one requester, with how much text each, and for how long where the request comes over a
 * link.
 */
const maxCancels = 1_000;
const maxText = 1_024;
const linkMs = 30_000;

/**
 * Tells an agent, its own target, that requests which were sent before a cancel have all been handled. It takes the lane
 * of data, as they do.
 */
class ForgetCancelMessage extends LocalMessage<
  "forgetTaskCancel",
  { readonly requester: string; readonly key: string }
> {
  override readonly isSystem = false;

  constructor(name: string, requester: string, key: string) {
    super("forgetTaskCancel", { requester, key }, { source: name, target: name });
  }
}

/** Cancels whose request may still be on its way: a cancel takes the faster lane. */
export class EarlyCancels {
  readonly #owner: EarlyCancelsOwner;
  /** By requester, so that one who sends many has none of another's forgotten, and by key. */
  readonly #cancels = new Map<string, Map<string, EarlyCancel>>();

  constructor(owner: EarlyCancelsOwner) {
    this.#owner = owner;
  }

  /** How many are remembered. */
  get size(): number {
    let count = 0;
    for (const cancels of this.#cancels.values()) {
      count += cancels.size;
    }
    return count;
  }

  /** Remembers a cancel until its request can't come any more, under the key that its request will have. */
  add(message: BusMessage, { taskId, reason }: TaskCancel, key: string): void {
    const { source } = message;
    this.#forget(source, key);
    // Nobody makes such ids, but who wants a thousand of them remembered.
    if (taskId.length > maxText) {
      return;
    }
    const [oldest] = this.#cancels.get(source)?.keys() ?? [];
    if (oldest !== undefined && this.#cancels.get(source)?.size === maxCancels) {
      this.#forget(source, oldest);
    }
    const early = {
      reason: reason !== undefined && reason.length > maxText ? undefined : reason,
      keep: this.#forgetLater(message, key),
    };
    const cancels = this.#cancels.get(source) ?? new Map<string, EarlyCancel>();
    this.#cancels.set(source, cancels.set(key, early));
  }

  /** The cancel of a request that has come, which is forgotten then. Undefined where there is none. */
  take(requester: string, key: string): { readonly reason: string | undefined } | undefined {
    const early = this.#cancels.get(requester)?.get(key);
    this.#forget(requester, key);
    return early;
  }

  /** Takes the agent's own note that a cancel needn't be remembered any more. */
  receiveLocal(message: LocalMessage): void {
    if (message instanceof ForgetCancelMessage) {
      const { requester, key } = message.body.value;
      this.#forget(requester, key);
    }
  }

  /** Forgets all: the agent ends. */
  close(): void {
    for (const [requester, cancels] of this.#cancels) {
      for (const key of cancels.keys()) {
        this.#forget(requester, key);
      }
    }
  }

  /** Returns a function that stops the clock, where there is one. */
  #forgetLater(message: BusMessage, key: string): () => void {
    const { clock, bus } = this.#owner.context();
    const { source } = message;
    if (deliveredBy(message) === undefined) {
      try {
        bus.send(new ForgetCancelMessage(this.#owner.name, source, key));
        return () => {};
      } catch {
        // There is no room in that lane.
      }
    }
    return clock.after(linkMs, () => this.#forget(source, key));
  }

  #forget(requester: string, key: string): void {
    const cancels = this.#cancels.get(requester);
    cancels?.get(key)?.keep();
    if (cancels?.delete(key) === true && cancels.size === 0) {
      this.#cancels.delete(requester);
    }
  }
}
