import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type ControlFrame,
  ControlFrameSchema,
  type Goaway,
  type HelloSchema,
  type Welcome,
} from "../../../gen/crossbus/v1/link_pb.js";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import {
  ackFrame,
  controlFrame,
  FrameType,
  fragmentFrame,
  readControlFrame,
  readDataFrame,
  wholeHeaderBytes,
  writeWholeHeader,
} from "../../../src/link/resumable/frame.js";
import { fragmentBytes } from "../../../src/link/resumable/limits.js";
import { isSystem } from "../../../src/message/traits.js";
import { decoded } from "./messages.js";
import { Peer } from "./peer.js";
import { RawWebSocket, type RawWebSocketOptions } from "./raw-web-socket.js";
import { until } from "./until.js";

type Control = NonNullable<MessageInitShape<typeof ControlFrameSchema>["kind"]>;
export type HelloInit = Partial<Omit<MessageInitShape<typeof HelloSchema>, "$typeName">>;

/** What a client that takes as much as one can says of each lane. */
const credit = { maxSequence: 1_000_000, maxBytes: 1_000_000_000 };
const greedy = { maxSequence: BigInt(credit.maxSequence), maxBytes: BigInt(credit.maxBytes) };

/** Makes an ack, which may be a lie. */
export function ack(acknowledged: number): Uint8Array {
  return ackFrame({ system: { acknowledged: 0, ...credit }, data: { acknowledged, ...credit } });
}

/** A peer that speaks the link protocol, and writes whatever frames it likes. */
export class LinkPeer extends Peer {
  readonly webSocket: RawWebSocket;
  /** The control frames that have come. */
  readonly controls: ControlFrame["kind"][] = [];
  /** The numbers that the next messages get. */
  readonly next = { system: 1, data: 1 };

  private constructor(webSocket: RawWebSocket) {
    super();
    this.webSocket = webSocket;
  }

  /** Connects, and says nothing. */
  static async open(port: number, options: RawWebSocketOptions = {}): Promise<LinkPeer> {
    let peer: LinkPeer | undefined;
    const onMessage = (payload: Uint8Array) => peer?.receive(payload);
    // The server of a link says nothing before Hello, so that nothing is missed.
    peer = new LinkPeer(await RawWebSocket.open(port, { protocols: "crossbus.v1", ...options, onMessage }));
    return peer;
  }

  /** Connects, shakes hands, and has the assistant pass frames on. */
  static async ready(port: number, hello: HelloInit = {}): Promise<LinkPeer> {
    const peer = await LinkPeer.open(port);
    await peer.isWelcome(hello);
    peer.activate();
    return peer;
  }

  get welcome(): Welcome | undefined {
    return this.controls.find((kind) => kind.case === "welcome")?.value;
  }

  get goaway(): Goaway | undefined {
    return this.controls.find((kind) => kind.case === "goaway")?.value;
  }

  override get isOver(): boolean {
    return super.isOver || this.goaway !== undefined;
  }

  /** Says Hello, and resolves with whether the answer is Welcome. */
  async isWelcome(hello: HelloInit = {}): Promise<boolean> {
    this.hello(hello);
    await until(() => this.welcome !== undefined || this.isOver);
    return this.welcome !== undefined;
  }

  hello(fields: HelloInit = {}): void {
    const versions = { minVersion: 1, maxVersion: 1, epoch: 7n, maxMessageBytes: 1_048_576 };
    this.control({ case: "hello", value: { ...versions, system: greedy, data: greedy, ...fields } });
  }

  /** What it takes to resume this peer's session over another connection. */
  resumption(attempt = 1, secret = this.welcome?.secret): HelloInit {
    const { sessionId, epoch } = this.welcome ?? { sessionId: new Uint8Array(16), epoch: 0n };
    return { resume: { sessionId, secret: secret ?? new Uint8Array(32), serverEpoch: epoch, attempt } };
  }

  /** Ends the session in good order: after a connection that is cut the server would wait for the next one. */
  override [Symbol.dispose](): void {
    if (this.welcome !== undefined && !this.isOver) {
      this.control({ case: "goaway", value: { code: 0 } });
    }
    this.webSocket.wire.leave();
  }

  control(kind: Control): void {
    this.bytes(controlFrame(create(ControlFrameSchema, { kind })));
  }

  /** Sends a frame of the link, or what may be none. */
  bytes(frame: Uint8Array): void {
    this.webSocket.binary(frame);
  }

  send(message: BusMessage): void {
    this.encoded(protobufCodec.encode(message), isSystem(message));
  }

  /** Sends the bytes of a message, in whichever lane, under whichever number. */
  encoded(message: Uint8Array, inSystemLane = false, sequence?: number): void {
    const number = sequence ?? (inSystemLane ? this.next.system++ : this.next.data++);
    const header = wholeHeaderBytes(number);
    const frame = new Uint8Array(header + message.length);
    frame.set(message, header);
    writeWholeHeader(frame, inSystemLane, number);
    this.bytes(frame);
  }

  /** Sends a large message in as many frames as it takes. */
  fragments(message: Uint8Array, inSystemLane = false): void {
    const sequence = inSystemLane ? this.next.system++ : this.next.data++;
    for (let from = 0; from < message.length; from += fragmentBytes) {
      this.bytes(fragmentFrame(message, from, fragmentBytes, inSystemLane, sequence));
    }
  }

  /** Takes a frame of the server's. */
  private receive(frame: Uint8Array): void {
    if (frame[0] === FrameType.control) {
      const kind = readControlFrame(frame);
      this.controls.push(kind);
      if (kind.case === "ping") {
        this.control({ case: "pong", value: { token: kind.value.token } });
      }
    } else if (frame[0] !== FrameType.ack) {
      const { isFirst, isLast, bytes } = readDataFrame(frame);
      if (isFirst && isLast) {
        this.messages.push(decoded(bytes));
      }
    }
  }
}
