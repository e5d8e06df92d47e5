import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { FrameMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, type Status } from "../../src/base/status.js";
import { busMessage, frame } from "../../src/message/build.js";
import { toJs } from "../../src/message/value.js";
import { functionCallFailure } from "../../src/proxy/function-call-failure.js";
import { useBridge, wires } from "../support/bridge-fixture.js";
import { until } from "../support/idle.js";

const { DOWNSTREAM, UPSTREAM } = Direction;
const call = { functionName: "look", toolCallId: "7", arguments: { at: "x" } };
const tooLarge: Status = { code: Code.RESOURCE_EXHAUSTED, message: "too large", details: [] };

for (const { name, make } of wires) {
  describe(`a function's result that doesn't go over ${name}`, () => {
    const fixture = useBridge(make);

    for (const [what, result] of [
      ["is too large", "x".repeat(1_100_000)],
      ["Python would take for an object", { type: { __type__: "os.getcwd", __data__: {} } }],
    ] as const) {
      it(`since it ${what}: who keeps the conversation gets another, in each direction`, async () => {
        const bridge = fixture();
        await bridge.serveAssistants({ forwardMessages: ["frame"] }, { dialect: "pipecat" });
        const [{ acme }, { assistant, proxy }] = await bridge.connect({
          forwardMessages: ["frame"],
          dialect: "pipecat",
        });
        const frames = () =>
          acme.messages.flatMap(({ body }) => (body.case === "frame" ? [body.value as FrameMessage] : []));
        const lost: (string | undefined)[] = [];
        proxy.on("undelivered", ({ body }) => lost.push(body.case));
        for (const direction of [DOWNSTREAM, UPSTREAM]) {
          const sent = frame("functionCallResult", { ...call, result, properties: { runLlm: true } });
          sent.id = 3n;
          assistant.send(busMessage("frame", { frame: sent, direction, bridge: "voice" }));
        }
        assistant.send(busMessage("frame", { frame: frame("llmText", { text: "after" }), direction: DOWNSTREAM }));
        await until(() => frames().length === 3);
        expect(lost).to.deep.equal(["frame", "frame"]);
        const got = frames();
        expect(got.map((value) => [value?.direction, value?.bridge, value?.frame?.kind.case])).to.deep.equal([
          [DOWNSTREAM, "voice", "functionCallResult"],
          [UPSTREAM, "voice", "functionCallResult"],
          [DOWNSTREAM, undefined, "llmText"],
        ]);
        const kind = got[0]?.frame?.kind;
        if (kind?.case !== "functionCallResult") {
          throw new Error("no result came");
        }
        expect(kind.value).to.include({ functionName: "look", toolCallId: "7" });
        expect(kind.value.properties).to.include({ runLlm: true });
        expect(toJs(kind.value.result)).to.equal("The function look has ended, but its result could not be sent.");
        expect(got[0]?.frame?.id).to.equal(3n);
      });
    }
  });
}

describe("what ends a function call whose result is lost", () => {
  const result = (init: object = {}) =>
    busMessage("frame", { frame: frame("functionCallResult", { ...call, ...init }) }, { source: "a", target: "b" });

  it("is for results alone", () => {
    expect(functionCallFailure(result(), tooLarge, "b")?.target).to.equal("b");
    const progress = frame("functionCallInProgress", call);
    expect(functionCallFailure(busMessage("frame", { frame: progress }), tooLarge, "b")).to.equal(undefined);
    expect(functionCallFailure(busMessage("frame", {}), tooLarge, "b")).to.equal(undefined);
    expect(functionCallFailure(busMessage("end"), tooLarge, "b")).to.equal(undefined);
  });

  it("is not for one that others follow", () => {
    const update = result({ properties: { isFinal: false } });
    expect(functionCallFailure(update, tooLarge, "b")).to.equal(undefined);
    expect(functionCallFailure(result({ properties: { isFinal: true } }), tooLarge, "b")).not.to.equal(undefined);
  });

  it("is not for what a connection took along", () => {
    for (const code of [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED]) {
      expect(functionCallFailure(result(), { ...tooLarge, code }, "b")).to.equal(undefined);
    }
  });
});
