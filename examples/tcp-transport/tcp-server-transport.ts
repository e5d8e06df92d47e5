import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  type AcceptOptions,
  type Arrival,
  type Clock,
  Code,
  type Connection,
  defaultMaxMessageBytes,
  type Listener,
  type Principal,
  type ServerTransport,
  StatusError,
  status,
  systemClock,
} from "crossbus";
import { FrameReader, FrameType, readJson, writeJson, writeStatus } from "./frames.js";
import { TcpConnection } from "./tcp-connection.js";

/** How long a client may take to say hello, and `admit` to decide on it. */
const admitTimeoutMs = 10_000;

/** The end that listens, over TCP, on this machine alone. */
export class TcpServerTransport implements ServerTransport {
  readonly #port: number;
  readonly #clock: Clock;

  /** A port of 0 takes one that is free. */
  constructor(port: number, clock: Clock = systemClock) {
    this.#port = port;
    this.#clock = clock;
  }

  listen(accept: (connection: Connection) => unknown, options: AcceptOptions = {}): Promise<Listener> {
    /** Refuses the clients that aren't let in yet. */
    const pending = new Set<() => void>();
    const server = createServer({ noDelay: true }, (socket) => {
      void this.#accept(socket, accept, options, pending);
    });
    const close = async (): Promise<void> => {
      // Not until the last connection is gone: those live on.
      server.close();
      for (const refuse of pending) {
        refuse();
      }
    };
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(cantListen(this.#port, error)));
      server.listen(this.#port, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        resolve({ address: `tcp://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close });
      });
    });
  }

  async #accept(
    socket: Socket,
    accept: (connection: Connection) => unknown,
    { protocols = [], admit, arrive }: AcceptOptions,
    pending: Set<() => void>,
  ): Promise<void> {
    const peer = {
      address: `${socket.remoteAddress}:${socket.remotePort}`,
      metadata: new Map<string, string>(),
      encrypted: false,
    };
    socket.on("error", () => {});
    const reader = new FrameReader(socket, defaultMaxMessageBytes);
    let arrival: Arrival | undefined;
    try {
      arrival = arrive?.(peer.address);
      const { protocol, principal } = await this.#orGone(socket, pending, async () => {
        const protocol = select(protocols, await hello(reader));
        return { protocol, principal: await admit?.(peer) };
      });
      arrival?.settle();
      const known = principal === undefined ? peer : { ...peer, principal };
      const connection = new TcpConnection(socket, reader, known, protocol, this.#clock);
      writeJson(socket, FrameType.Welcome, protocol);
      reader.setReading(true);
      await give(accept, connection);
    } catch (error) {
      const why = error instanceof StatusError ? error : status(Code.UNAVAILABLE, "the listener failed to decide");
      arrival?.settle(why);
      reader.discard();
      writeStatus(socket, FrameType.Refuse, status(refusal(why.code), why.message));
      socket.end(() => socket.destroy());
    }
  }

  /** Waits for what lets a client in, unless the client is gone before, the listener closes, or it takes too long. */
  async #orGone(
    socket: Socket,
    pending: Set<() => void>,
    deciding: () => Promise<{ readonly protocol: string; readonly principal: Principal | undefined }>,
  ) {
    let forget = () => {};
    const gone = new Promise<never>((_, reject) => {
      const refuse = (why: string) => () => reject(new StatusError(Code.UNAVAILABLE, why));
      const [left, closed] = [refuse("the client is gone"), refuse("the listener has closed")];
      const stopTimer = this.#clock.after(admitTimeoutMs, refuse("the listener didn't decide in time"));
      pending.add(closed);
      socket.on("close", left);
      forget = () => {
        stopTimer();
        pending.delete(closed);
        socket.off("close", left);
      };
    });
    try {
      return await Promise.race([deciding(), gone]);
    } finally {
      forget();
    }
  }
}

/** The subprotocols that a client offers. */
function hello(reader: FrameReader): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    reader.onTooLarge = () => reject(new StatusError(Code.INVALID_ARGUMENT, "that is no hello"));
    reader.onFrame = (type, bytes) => {
      // What comes after it is for the connection, which there isn't yet.
      reader.setReading(false);
      if (type === FrameType.Hello) {
        resolve(readJson(bytes) as readonly string[]);
      } else {
        reject(new StatusError(Code.INVALID_ARGUMENT, "that is no hello"));
      }
    };
  });
}

function select(spoken: readonly string[], offered: readonly string[]): string {
  const selected = spoken.find((name) => offered.includes(name)) ?? "";
  if (selected === "" && offered.length > 0) {
    throw new StatusError(Code.FAILED_PRECONDITION, `none of ${offered.join(", ")} is spoken here`);
  }
  return selected;
}

/** What `accept` throws, or rejects with, concerns its connection and no other. */
async function give(accept: (connection: Connection) => unknown, connection: Connection): Promise<void> {
  try {
    await accept(connection);
  } catch (error) {
    console.error("accept() failed", error);
    await connection.close(status(Code.INTERNAL, "this connection could not be accepted"));
  }
}

/** What a client gets to know of a refusal: whether it should try again. */
function refusal(code: Code): Code {
  switch (code) {
    case Code.UNAUTHENTICATED:
    case Code.PERMISSION_DENIED:
    case Code.FAILED_PRECONDITION:
      return code;
    case Code.INVALID_ARGUMENT:
      return Code.FAILED_PRECONDITION;
    default:
      return Code.UNAVAILABLE;
  }
}

function cantListen(port: number, error: NodeJS.ErrnoException): StatusError {
  const codes: Partial<Record<string, Code>> = { EADDRINUSE: Code.ALREADY_EXISTS, EACCES: Code.PERMISSION_DENIED };
  return new StatusError(codes[error.code ?? ""] ?? Code.UNAVAILABLE, `can't listen at port ${port}: ${error.message}`);
}
