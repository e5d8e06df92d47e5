import { expect } from "chai";
import { describe } from "mocha";
import { busMessage, double, TaskStatus } from "../../../src/index.js";
import type { BodyOf } from "../../../src/message/types.js";
import { eventually } from "../support/eventually.js";
import type { Live } from "../support/live-suite.js";

/** Payloads in Python, as it writes them itself. */
const payloads = [
  "{'n': 3, 'x': 3.0, 'big': 1152921504606846976, 'b': b'\\x00\\xff', 'none': None}",
  "{'huge': 1267650600228229401496703205376, 'min': -9223372036854775808, 'less': -9223372036854775809}",
  "{'zero': -0.0, 'tiny': 5e-324, 'most': 1.7976931348623157e+308, 'third': 0.3333333333333333}",
  "{'inf': inf, 'less': -inf, 'nan': nan}",
  "{'text': '\"\\\\\\n\\u2028é🚀\\x00', 'empty': {}, 'list': [[], [True, False, [None]]], '__proto__': {'a': 1}}",
];

/** That values keep their types from Python through TypeScript to Python. */
export function testTypedValues(live: Live): void {
  describe("typed values", () => {
    for (const payload of payloads) {
      live.it(`come back as they were: ${payload}`, async () => {
        const bridge = await live.open();
        // Passed on untouched: the Value, not what it is in JavaScript.
        bridge.agent.handleTask("echo", ({ request, requester: target }) => {
          const { taskId, payload: response } = request.body.value as BodyOf<"taskRequest">;
          bridge.agent.send(busMessage("taskResponse", { taskId, status: TaskStatus.COMPLETED, response }, { target }));
          return new Promise(() => {});
        });
        const value = payload.replace(/\b(inf|nan)\b(?!')/g, "float('$1')");
        await bridge.python.send(
          `BusTaskRequestMessage(source='py', target='ts', task_id='1', task_name='echo', payload=${value})`,
        );
        const { response } = await bridge.python.message("BusTaskResponseMessage");
        expect(response).to.equal(payload);
      });
    }

    live.it("are read as JavaScript has them", async () => {
      const bridge = await live.open();
      const seen: unknown[] = [];
      bridge.agent.handleOtherTasks(({ payload }) => void seen.push(payload));
      await bridge.python.send(
        "BusTaskRequestMessage(source='py', target='ts', task_id='1', " +
          "payload={'n': 3, 'x': 3.0, 'big': 2**60, 'b': b'\\x00\\xff', 'none': None})",
      );
      await eventually(() => seen.length === 1);
      expect(seen).to.deep.equal([{ n: 3, x: 3, big: 2n ** 60n, b: Uint8Array.of(0, 255), none: null }]);
    });

    live.it("that are made in JavaScript arrive as what they are meant to be", async () => {
      const bridge = await live.open();
      const payload = {
        n: 3,
        x: double(3),
        half: 0.5,
        negativeZero: -0,
        big: 2n ** 60n,
        huge: 2n ** 100n,
        unsafe: 2 ** 53,
        b: Uint8Array.of(0, 255),
        none: null,
        list: [1, "é", true],
      };
      await bridge.agent.requestTask("py", { name: "plain", payload });
      const request = await bridge.python.message("BusTaskRequestMessage");
      expect(request["payload"]).to.equal(
        "{'n': 3, 'x': 3.0, 'half': 0.5, 'negativeZero': -0.0, 'big': 1152921504606846976, " +
          "'huge': 1267650600228229401496703205376, 'unsafe': 9007199254740992.0, 'b': b'\\x00\\xff', 'none': None, " +
          "'list': [1, 'é', True]}",
      );
    });
  });
}
