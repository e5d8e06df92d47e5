import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/transport/websocket-client-node.test.ts"];

/** How a peer that is gone is told from one that is silent. */
export const livenessGuards: readonly Guard[] = [
  ...guardsOf("src/transport/liveness.ts", tests, [
    {
      find: "if (!hasHeard && this.#hasAsked) {",
      replace: "if (false) {",
      why: "a peer that is gone would be waited for until the operating system gives it up",
    },
    {
      find: "if (!hasHeard && this.#hasAsked) {",
      replace: "if (!hasHeard) {",
      why: "a peer that has nothing to say would be cut off without being asked",
    },
    {
      find: "this.#hasAsked = !hasHeard;",
      replace: "this.#hasAsked = true;",
      why: "peers that talk would be pinged all the same",
    },
  ]),
  ...guardsOf("src/transport/ws-control.ts", tests, [
    {
      find: "if (socket.on !== undefined) {",
      replace: "if (true as boolean) {",
      why: "Bun's own WebSocket would be waited for without end, for it doesn't call back",
    },
    {
      find: 'socket.on?.("pong", () => {\n      intake.hasHeard = true;\n    });',
      replace: "",
      why: "a silent peer would be cut off although it answers",
    },
  ]),
  ...guardsOf("src/transport/intake.ts", tests, [
    {
      find: "    this.hasHeard = true;",
      replace: "",
      why: "a peer that talks all the time would be pinged",
    },
  ]),
  ...guardsOf("src/transport/websocket-connection.ts", tests, [
    {
      find: "    this.#socketIsClosed = true;\n    this.#control?.stop();",
      replace: "    this.#socketIsClosed = true;",
      why: "a closed connection would leave a timer behind",
    },
  ]),
];
