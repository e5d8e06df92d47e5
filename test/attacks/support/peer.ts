import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { activation, textIn, textMessage } from "./messages.js";
import type { RawWebSocket } from "./raw-web-socket.js";
import { until } from "./until.js";

/** The end of a bridge that an attacker has: it can do all that an honest one can, and more. */
export abstract class Peer implements Disposable {
  abstract readonly webSocket: RawWebSocket;
  /** What has come over the bridge. */
  readonly messages: BusMessage[] = [];
  #markers = 0;

  abstract send(message: BusMessage): void;

  /** Whether the server has ended the session. */
  get isOver(): boolean {
    return this.webSocket.isOver;
  }

  /** The texts that have come back. */
  get texts(): readonly string[] {
    return this.messages.map(textIn).filter((text) => text !== undefined);
  }

  /** Has the assistant pass frames on. */
  activate(): void {
    this.send(activation());
  }

  /**
   * Resolves with whether the session goes on: a frame of text that is sent now comes back. What was sent before has been
   * dealt with by then.
   */
  async goesOn(ms?: number): Promise<boolean> {
    const marker = `still there ${++this.#markers}`;
    this.send(textMessage(marker));
    return this.hasEchoed(marker, ms);
  }

  /** Resolves with whether a text comes back, before the session ends or the time is up. */
  async hasEchoed(text: string, ms?: number): Promise<boolean> {
    await until(() => this.texts.includes(text) || this.isOver, ms);
    return this.texts.includes(text);
  }

  [Symbol.dispose](): void {
    this.webSocket[Symbol.dispose]();
  }
}
