import type { Hello, Welcome } from "../../../gen/crossbus/v1/link_pb.js";
import { longestMs } from "../../base/check-milliseconds.js";
import type { Clock } from "../../base/clock.js";
import { Code, type Status, StatusError } from "../../base/status.js";
import type { Init } from "../../message/types.js";
import type { Connection } from "../../transport/transport.js";
import { Channel, type FrameHandler } from "./channel.js";
import { handshakeTimeoutMs, linkProtocol, linkVersion } from "./limits.js";
import { goawayStatus } from "./reset.js";
import { type Cursors, readCursors, type Terms, toNumber } from "./terms.js";

/** A connection over which hands were shaken. */
export interface Welcomed {
  readonly channel: Channel;
  readonly welcome: Welcome;
  readonly cursors: Cursors;
  readonly terms: Terms;
  /** In how many milliseconds the credential has to be renewed; 0 for never. */
  readonly expiresAfterMs: number;
}

/**
 * Shakes hands over a new connection, and calls `welcomed` within the call that gets the Welcome, so that no frame behind
 * it finds nobody. Rejects with a status, and closes the connection, where nothing comes of it.
 */
export function shakeHands(
  connection: Connection,
  hello: Init<Hello>,
  clock: Clock,
  signal: AbortSignal,
  welcomed: (result: Welcomed) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settled = new AbortController();
    const settle = () => {
      settled.abort();
      prevent();
    };
    const fail = (why: Status) => {
      if (!settled.signal.aborted) {
        settle();
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
          const result = { channel, welcome: kind.value, ...readWelcome(kind.value, hello.resume !== undefined) };
          settle();
          welcomed(result);
          resolve();
        } else {
          unexpected();
        }
      },
      ack: unexpected,
      data: unexpected,
      broken: fail,
      closed: (why) => fail(earlyEnd(why)),
    };
    const channel = new Channel(connection, handler);
    const prevent = clock.after(handshakeTimeoutMs, () =>
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

function readWelcome(welcome: Welcome, isResume: boolean) {
  const { version, heartbeatMs, graceMs, maxMessageBytes, resumed } = welcome;
  if (version !== linkVersion) {
    throw new StatusError(Code.FAILED_PRECONDITION, `the server chose version ${version}, which wasn't offered`);
  }
  if (resumed !== isResume || heartbeatMs < 1 || maxMessageBytes < 1) {
    throw new StatusError(Code.FAILED_PRECONDITION, "the server's Welcome doesn't fit");
  }
  // A server may say more than any timer waits for.
  const terms = {
    heartbeatMs: Math.min(heartbeatMs, longestMs),
    graceMs: Math.min(graceMs, longestMs),
    peerMaxMessageBytes: maxMessageBytes,
  };
  return { cursors: readCursors(welcome), terms, expiresAfterMs: toNumber(welcome.expiresAfterMs) };
}

/** What it means that a connection ends before the Welcome. One that closes with OK tells nothing. */
function earlyEnd(why: Status): Status {
  return why.code === Code.OK
    ? new StatusError(Code.UNAVAILABLE, "the server closed the connection before its Welcome")
    : why;
}
