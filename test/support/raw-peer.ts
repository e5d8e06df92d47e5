import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type ControlFrame, ControlFrameSchema, type Goaway, type Welcome } from "../../gen/crossbus/v1/link_pb.js";
import type { Status } from "../../src/base/status.js";
import {
  type Ack,
  controlFrame,
  type DataFrame,
  FrameType,
  readAckFrame,
  readControlFrame,
  readDataFrame,
} from "../../src/link/resumable/frame.js";
import type { Connection } from "../../src/transport/transport.js";

type Control = NonNullable<MessageInitShape<typeof ControlFrameSchema>["kind"]>;

/** An end of a connection whose every byte is the test's. */
export class RawPeer {
  readonly connection: Connection;
  readonly controls: ControlFrame["kind"][] = [];
  readonly acks: Ack[] = [];
  readonly data: DataFrame[] = [];
  /** What the first byte of each frame was, in order. */
  readonly types: number[] = [];
  closedWith: Status | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.receive({ message: (frame) => this.#received(frame) });
    void connection.closed.then((why) => {
      this.closedWith = why;
    });
  }

  get welcome(): Welcome | undefined {
    return this.controls.find((kind) => kind.case === "welcome")?.value;
  }

  get goaway(): Goaway | undefined {
    return this.controls.find((kind) => kind.case === "goaway")?.value;
  }

  send(...bytes: number[]): void {
    this.connection.send(Uint8Array.from(bytes));
  }

  control(kind: Control): void {
    this.connection.send(controlFrame(create(ControlFrameSchema, { kind })));
  }

  /** Says Hello, as a client that takes as much as one can, unless told otherwise. */
  hello(fields: Partial<MessageInitShape<typeof import("../../gen/crossbus/v1/link_pb.js").HelloSchema>> = {}): void {
    const lane = { maxSequence: 1_000n, maxBytes: 1_000_000n };
    this.control({
      case: "hello",
      value: {
        minVersion: 1,
        maxVersion: 1,
        epoch: 7n,
        maxMessageBytes: 1_048_576,
        system: lane,
        data: lane,
        ...fields,
      } as never,
    });
  }

  #received(frame: Uint8Array): void {
    const type = frame[0] as number;
    this.types.push(type);
    if (type === FrameType.control) {
      this.controls.push(readControlFrame(frame));
    } else if (type === FrameType.ack) {
      this.acks.push(readAckFrame(frame));
    } else {
      this.data.push(readDataFrame(frame));
    }
  }
}
