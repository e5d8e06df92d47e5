import type { Channel } from "./channel.js";
import { maxSocketBytes } from "./limits.js";

/**
 * Makes what answers the pings that come over a channel. Who pings and doesn't read gets no answers to pile up: the last one
 * alone, once there is room.
 */
export function pongs(channel: Channel): (token: bigint) => void {
  let unanswered: bigint | undefined;
  const answer = (token: bigint) => channel.sendControl({ case: "pong", value: { token } });
  return (token) => {
    if (channel.bufferedAmount < maxSocketBytes) {
      answer(token);
      return;
    }
    const isFirst = unanswered === undefined;
    unanswered = token;
    if (isFirst) {
      void channel.drained(maxSocketBytes / 2).then(() => {
        // Nothing is sent over a channel that is closed by then.
        answer(unanswered as bigint);
        unanswered = undefined;
      });
    }
  };
}
