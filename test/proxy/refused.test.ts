import { expect } from "chai";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { busMessage } from "../../src/message/build.js";
import type { ProxyServerAgentOptions } from "../../src/proxy/proxy-server-agent.js";
import { type Client, resumableWires, useBridge } from "../support/bridge-fixture.js";
import { until } from "../support/idle.js";
import { expectFailure } from "../support/task-bench.js";

for (const { name, make } of resumableWires) {
  describe(`what the peer doesn't take, over ${name},`, () => {
    const bridge = useBridge(make);

    /** A client, and what it is told by a server that takes frames unless told otherwise. */
    async function refusing(
      served: Partial<ProxyServerAgentOptions>,
      forwardMessages: ProxyServerAgentOptions["forwardMessages"] = ["frame", "ttsSpeak"],
    ) {
      const fixture = bridge();
      await fixture.serveAssistants(served);
      const client = await fixture.client({ forwardMessages, activate: false });
      const refused: (readonly [readonly string[], string | undefined])[] = [];
      client.proxy.on("refused", (...told) => refused.push(told));
      client.acme.activateAgent("proxy");
      return { fixture, client, refused };
    }

    function speak({ acme }: Client) {
      acme.send(busMessage("ttsSpeak", { text: "hello" }, { source: "acme", target: "assistant" }));
    }

    it("is told by `refused` before anything is sent, and denied with the rule `peer`", async () => {
      const { fixture, client, refused } = await refusing({});
      await until(() => refused.length > 0);
      expect(refused).to.deep.equal([[["ttsSpeak"], undefined]]);
      speak(client);
      await until(() => client.denied.length > 0);
      expect(client.denied.map(({ direction, rule, case: body }) => [direction, rule, body])).to.deep.equal([
        ["out", "peer", "ttsSpeak"],
      ]);
      // The peer isn't bothered with it.
      expect(fixture.served[0]?.denied).to.deep.equal([]);
    });

    it("is everything where it has no such agent, whose name is told", async () => {
      const { client, refused } = await refusing({ agentName: "somebody" });
      await until(() => refused.length > 0);
      expect(refused).to.have.length(1);
      expect(refused[0]?.[0]).to.include.members(["ttsSpeak", 'frameKind("text")']);
      expect(refused[0]?.[1]).to.equal("assistant");
      speak(client);
      await until(() => client.denied.length > 0);
      expect(client.denied[0]?.rule).to.equal("peer");
    });

    it("is nothing where it takes all that may be sent", async () => {
      const { fixture, client, refused } = await refusing({ forwardMessages: ["frame", "ttsSpeak"] });
      await until(() => client.acme.calls.includes("agentReady assistant"));
      speak(client);
      await until(() => fixture.served[0]?.assistant.cases.includes("ttsSpeak") === true);
      expect(refused).to.deep.equal([]);
      expect(client.denied).to.deep.equal([]);
    });

    it("has a task fail at once, which is told by its own side's proxy", async () => {
      const { fixture, client, refused } = await refusing({}, ["frame", "taskRequest"]);
      await until(() => client.acme.calls.includes("agentReady assistant"));
      expect(refused).to.deep.equal([[["taskRequest"], undefined]]);
      const error = await expectFailure(Code.PERMISSION_DENIED, client.acme.requestTask("assistant", { name: "work" }));
      expect(error.message).to.include('"proxy"').and.to.include("rule peer");
      expect(client.denied.map(({ rule, case: body }) => [rule, body])).to.deep.equal([["peer", "taskRequest"]]);
      expect(fixture.served[0]?.denied).to.deep.equal([]);
    });
  });
}
