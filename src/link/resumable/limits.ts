/** The subprotocol of WebSocket, and of other transports, that stands for this protocol. */
export const linkProtocol = "crossbus.v1";

/** The version of the protocol that this package speaks, the one there is. */
export const linkVersion = 1;

/** The largest frame, in bytes: once the handshake is done, and before. */
export const maxFrameBytes = 65_536;
export const maxHandshakeFrameBytes = 16_384;

/** A larger message goes in fragments of this size, in bytes. */
export const fragmentBytes = 16_384;

/** The bytes that a sender keeps in a socket at most; what is urgent would wait behind more. */
export const maxSocketBytes = 65_536;

/** So many bytes of system frames may go in a row while a data frame waits. */
export const maxSystemRunBytes = 65_536;

/** How long each end waits for the first frame of the other, in milliseconds. */
export const handshakeTimeoutMs = 10_000;

/** How long an ack may wait for others to go with it, in milliseconds. */
export const ackDelayMs = 20;

/** How long an end that says goodbye waits for the other, in milliseconds. */
export const goodbyeMs = 3_000;

/** How much a peer may have on its way to a consumer, in bytes and messages. */
export interface Window {
  readonly bytes: number;
  readonly messages: number;
}

/** The windows of the lanes. That of the system lane is smaller than what a bus keeps free for system messages. */
export const systemWindow: Window = { bytes: 131_072, messages: 256 };
export const dataWindow: Window = { bytes: 524_288, messages: 2_048 };

/**
 * How much is kept of the system lane until it is acknowledged. Nobody waits for room in it, and what doesn't fit is lost:
 * there has to be enough for the cancels of all the tasks that an agent may have at work at the other end.
 */
export const systemBuffer: Window = { bytes: 4_194_304, messages: 16_384 };
