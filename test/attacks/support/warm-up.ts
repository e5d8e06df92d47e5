import { readArguments } from "./honest-session.js";
import { LinkPeer } from "./link-peer.js";
import { RawWebSocket } from "./raw-web-socket.js";
import { until } from "./until.js";

/** How many sessions there are at a time, nearly as many as a client may have, and how many connect at the same time. */
const sessions = 950;
const atOnce = 50;

/**
 * Has a server serve many sessions at a time once, before what it holds is compared: Node keeps what it needs for so many,
 * tables grow to their size, and code is compiled. All that is there to stay, whoever comes.
 */
export async function warmUp(port: number, args: readonly string[]): Promise<void> {
  const { dialect, token } = readArguments(args);
  const headers = token === undefined ? [] : [`Authorization: Bearer ${token}`];
  const opened: (RawWebSocket | LinkPeer)[] = [];
  for (let count = 0; count < sessions; count += atOnce) {
    const some = Array.from({ length: atOnce }, () =>
      dialect === undefined ? LinkPeer.open(port, { headers }) : RawWebSocket.open(port, { headers }),
    );
    for (const each of await Promise.all(some)) {
      opened.push(each);
      if (each instanceof LinkPeer) {
        await each.isWelcome();
      }
    }
  }
  const wires = opened.map((each) => (each instanceof LinkPeer ? each.webSocket : each).wire);
  for (const each of opened) {
    each[Symbol.dispose]();
  }
  await until(() => wires.every(({ isClosed }) => isClosed));
}
