import type { Hello, Welcome } from "../../../gen/crossbus/v1/link_pb.js";
import { type Authenticate, identify } from "../../auth/authenticate.js";
import type { Clock } from "../../base/clock.js";
import { deferred } from "../../base/deferred.js";
import { overLimit } from "../../base/over-limit.js";
import { Code, type Status, StatusError, status } from "../../base/status.js";
import type { Init } from "../../message/types.js";
import type { Connection, Peer } from "../../transport/transport.js";
import type { ChargingConnection } from "../link.js";
import { Channel, type FrameHandler } from "./channel.js";
import { handshakeTimeoutMs, linkVersion } from "./limits.js";
import { type Cursors, readCursors, type Terms, writeCursors } from "./terms.js";

/** A client that has said Hello, and who it is. */
export interface Greeted {
  readonly connection: ChargingConnection;
  readonly channel: Channel;
  readonly hello: Hello;
  readonly cursors: Cursors;
  /** The peer, with its principal. */
  readonly peer: Peer;
}

/**
 * Waits for a client's Hello, and finds out who it is. Resolves with undefined, once the connection is closed with the
 * reason, where nothing comes of it.
 */
export async function awaitHello(
  connection: ChargingConnection,
  clock: Clock,
  authenticate: Authenticate | undefined,
): Promise<Greeted | undefined> {
  const greeting = deferred<Hello | undefined>();
  let hasHello = false;
  let isOver = false;
  const refuse = (why: Status) => {
    if (!isOver) {
      isOver = true;
      // What an application refuses with may say more than a client is told.
      channel.sayGoodbye(status(why.code, why.message));
      channel.close(why);
      greeting.resolve(undefined);
    }
  };
  const unexpected = () => {
    throw new StatusError(Code.FAILED_PRECONDITION, "the first frame must be Hello, and Welcome be awaited");
  };
  const handler: FrameHandler = {
    control(kind) {
      if (kind.case === "goaway") {
        refuse(status(Code.CANCELLED, "the client has given up"));
      } else if (kind.case !== "hello" || hasHello) {
        unexpected();
      } else {
        hasHello = true;
        greeting.resolve(kind.value);
      }
    },
    ack: unexpected,
    data: unexpected,
    broken: refuse,
    closed: refuse,
  };
  const channel = new Channel(connection, handler);
  const prevent = clock.after(handshakeTimeoutMs, () =>
    refuse(
      overLimit(
        "handshakeTimeoutMs",
        `the client didn't shake hands within ${handshakeTimeoutMs} ms`,
        Code.DEADLINE_EXCEEDED,
      ),
    ),
  );
  try {
    const hello = await greeting.promise;
    if (hello === undefined) {
      return undefined;
    }
    const cursors = checkHello(hello);
    const { credential } = hello;
    const request = {
      credential: credential === undefined ? undefined : { type: credential.type, value: credential.value },
      peer: connection.peer,
    };
    const principal = await Promise.race([identify(authenticate, request, () => clock.now()), ended(connection)]);
    // While the application thought about it, the time may have run out, or the client be gone.
    if (isOver || !channel.isOpen) {
      return undefined;
    }
    const peer = principal === undefined ? connection.peer : { ...connection.peer, principal };
    return { connection, channel, hello, cursors, peer };
  } catch (error) {
    refuse(StatusError.of(error as Status));
    return undefined;
  } finally {
    prevent();
  }
}

/** What a server says when it takes a client. */
export function welcome(
  known: Pick<Welcome, "epoch" | "sessionId" | "secret" | "resumed" | "expiresAfterMs">,
  cursors: Cursors,
  terms: { readonly heartbeatMs: number; readonly graceMs: number; readonly maxMessageBytes: number },
): Init<Welcome> {
  return { version: linkVersion, ...known, ...terms, ...writeCursors(cursors) };
}

/** The terms for a client, as its Hello says. */
export function termsFor({ maxMessageBytes }: Hello, heartbeatMs: number, graceMs: number): Terms {
  return { heartbeatMs, graceMs, maxMessageBytes };
}

function checkHello(hello: Hello): Cursors {
  if (hello.minVersion > linkVersion || hello.maxVersion < linkVersion) {
    throw new StatusError(
      Code.FAILED_PRECONDITION,
      `the client speaks versions ${hello.minVersion} to ${hello.maxVersion}, and the server version ${linkVersion}`,
    );
  }
  if (hello.maxMessageBytes < 1) {
    throw new StatusError(Code.INVALID_ARGUMENT, "the client takes no messages at all");
  }
  return readCursors(hello);
}

async function ended(connection: Connection): Promise<undefined> {
  await connection.closed;
  return undefined;
}
