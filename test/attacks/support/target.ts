import type { DemoServer } from "./demo-server.js";
import { JsonPeer } from "./json-peer.js";
import { type HelloInit, LinkPeer } from "./link-peer.js";
import { PlainPeer } from "./plain-peer.js";
import type { Figures } from "./probe.js";
import { RawWebSocket, type RawWebSocketOptions } from "./raw-web-socket.js";
import { Wire } from "./wire.js";

/** The server that is attacked, and all that an attacker has opened to it, which is closed in the end. */
export class Target implements Disposable {
  readonly server: DemoServer;
  readonly #from: number;
  readonly #before: Figures;
  readonly #opened: Disposable[] = [];

  /** `before` is what the server holds before the attack. */
  constructor(server: DemoServer, before: Figures) {
    this.server = server;
    this.#from = server.stderr.length;
    this.#before = before;
  }

  /** A TCP connection. */
  async wire(): Promise<Wire> {
    return this.#keep(await Wire.open(this.server.port));
  }

  async webSocket(options?: RawWebSocketOptions): Promise<RawWebSocket> {
    return this.#keep(await RawWebSocket.open(this.server.port, options));
  }

  /** A peer that hasn't said Hello. */
  async stranger(options?: RawWebSocketOptions): Promise<LinkPeer> {
    return this.#keep(await LinkPeer.open(this.server.port, options));
  }

  /** A peer that is welcome, for which the assistant is active. */
  async peer(hello?: HelloInit): Promise<LinkPeer> {
    return this.#keep(await LinkPeer.ready(this.server.port, hello));
  }

  /** A peer that speaks Protocol Buffers over a plain link. It has activated nothing. */
  async plain(options?: RawWebSocketOptions): Promise<PlainPeer> {
    return this.#keep(await PlainPeer.open(this.server.port, options));
  }

  /** A peer that writes JSON, for which the assistant is active. */
  async json(): Promise<JsonPeer> {
    return this.#keep(await JsonPeer.open(this.server.port));
  }

  /** How many bytes more the server needs than before the attack. Infinite when it has died. */
  async growth(): Promise<number> {
    const figures = await this.server.ask();
    return figures === undefined ? Number.POSITIVE_INFINITY : figures.heap - this.#before.heap;
  }

  /** How many sockets more the server has than before the attack. */
  async sockets(): Promise<number> {
    const count = (figures: Figures | undefined) => figures?.handles["TCPSocketWrap"] ?? 0;
    return count(await this.server.ask()) - count(this.#before);
  }

  /** What the server has written on its standard error since the attack began. */
  log(): Promise<string> {
    return this.server.written(this.#from);
  }

  [Symbol.dispose](): void {
    for (const each of this.#opened.splice(0)) {
      each[Symbol.dispose]();
    }
  }

  #keep<T extends Disposable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }
}
