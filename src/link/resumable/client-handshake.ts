import type { Hello, Welcome } from "../../../gen/crossbus/v1/link_pb.js";
import type { Clock } from "../../base/clock.js";
import { Code, type Status, StatusError, status } from "../../base/status.js";
import { wait } from "../../base/wait.js";
import type { Init } from "../../message/types.js";
import type { Connection } from "../../transport/transport.js";
import { Channel, type FrameHandler } from "./channel.js";
import { handshakeTimeoutMs, linkProtocol } from "./limits.js";
import { goawayStatus } from "./reset.js";

/**
 * Shakes hands over a new connection, and calls `welcomed` within the call that gets the Welcome, so that no frame behind
 * it finds nobody. Rejects with a status, and closes the connection, where nothing comes of it, also because that throws one.
 */
export function shakeHands(
  connection: Connection,
  hello: Init<Hello>,
  clock: Clock,
  signal: AbortSignal,
  welcomed: (channel: Channel, welcome: Welcome) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController();
    const fail = (why: Status) => {
      if (!settled.signal.aborted) {
        settled.abort();
        channel.release();
        // A session that has begun meanwhile is one that nobody knows how to come back to.
        channel.close(why, hello.resume !== undefined);
        reject(StatusError.of(why));
      }
    };
    const onAbort = () => fail(new StatusError(Code.CANCELLED, "the handshake was given up", { cause: signal.reason }));
    const unexpected = () => {
      throw new StatusError(Code.FAILED_PRECONDITION, "the server sent something else before its Welcome");
    };
    const handler: FrameHandler = {
      control(kind) {
        if (kind.case === "goaway") {
          fail(goawayStatus(kind.value));
        } else if (kind.case === "welcome") {
          welcomed(channel, kind.value);
          settled.abort();
          resolve();
        } else {
          unexpected();
        }
      },
      ack: unexpected,
      data: unexpected,
      broken: fail,
      // One that closes with OK tells nothing.
      closed: (why) =>
        fail(
          why.code === Code.OK ? status(Code.UNAVAILABLE, "the server closed the connection before its Welcome") : why,
        ),
    };
    const channel = new Channel(connection, handler);
    void wait(clock, handshakeTimeoutMs, settled.signal).then(() =>
      fail(new StatusError(Code.UNAVAILABLE, `the server sent no Welcome within ${handshakeTimeoutMs} ms`)),
    );
    signal.addEventListener("abort", onAbort, { signal: settled.signal });
    if (connection.protocol !== linkProtocol) {
      const message = `the server at ${connection.peer.address} doesn't speak ${linkProtocol}; give a dialect for a plain link`;
      fail(new StatusError(Code.FAILED_PRECONDITION, message));
    } else if (signal.aborted) {
      onAbort();
    } else {
      channel.sendControl({ case: "hello", value: hello });
    }
  });
}
