import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, type StatusError, status } from "../../src/base/status.js";
import { busMessage, frame } from "../../src/message/build.js";
import { concat, field } from "../support/arbitrary-bytes.js";
import { useBridge, wires } from "../support/bridge-fixture.js";
import { until } from "../support/idle.js";
import { turn } from "../support/open-node.js";
import { RelayFixture } from "../support/relay-fixture.js";
import { aborted, collect, expectFailure } from "../support/task-bench.js";
import type { TestAgent } from "../support/test-agent.js";

function texts(agent: TestAgent): string[] {
  return agent.frames.map(({ kind }) => (kind.case === "text" ? kind.value.text : String(kind.case)));
}

function say(agent: TestAgent, text: string): void {
  agent.send(busMessage("frame", { frame: frame("text", { text }), direction: Direction.DOWNSTREAM }));
}

const lost = status(Code.UNAVAILABLE, "the network broke");

for (const { name, make } of wires) {
  describe(`a bridge with a relay in it over ${name}`, () => {
    const bridge = useBridge(make);
    const fixture = () => new RelayFixture(bridge(), bridge());

    for (const dialect of ["protobuf", "pipecat", "pipecat-subagents"] as const) {
      describe(`in dialect ${dialect}`, () => {
        it("carries a conversation: announcements, activation, frames both ways, deactivation", async () => {
          const joined = fixture();
          await joined.serve({ dialect });
          const [{ acme, runner, proxy }, { assistant, runner: server }] = await joined.connect({ dialect });
          expect(runner.registry.get("assistant")).to.include({ active: false, bridged: true });
          await until(() => assistant.calls.includes("agentReady acme"));
          expect(server.registry.remoteAgents.map(({ name }) => name)).to.deep.equal(["acme"]);
          acme.activateAgent("assistant", { args: { greet: true } });
          await until(() => assistant.calls.includes("activated"));
          const replies = acme.createBridge({ targetAgent: "assistant" });
          replies.send(frame("text", { text: "hi" }), Direction.DOWNSTREAM);
          await until(() => assistant.frames.length === 1);
          assistant.pushFrame(frame("text", { text: "hello" }), Direction.DOWNSTREAM);
          await until(() => acme.frames.length === 1);
          expect([texts(assistant), texts(acme)]).to.deep.equal([["hi"], ["hello"]]);
          acme.deactivateAgent("assistant");
          await until(() => assistant.calls.includes("deactivated"));
          expect(joined.relays).to.have.length(1);
          // The client's announcement, activation, frame and deactivation; the server's announcement and frame.
          expect(joined.relays[0]?.stats).to.deep.equal({
            crossedToBack: 4,
            crossedToFront: 2,
            denied: 0,
            invalid: 0,
            undelivered: 0,
          });
          expect([proxy.stats.denied, joined.denied]).to.deep.equal([0, []]);
        });

        it("carries tasks both ways, with updates and streams", async () => {
          const joined = fixture();
          await joined.serve({ dialect });
          const [{ acme }, { assistant }] = await joined.connect({ dialect });
          await until(() => assistant.calls.includes("agentReady acme"));
          for (const [requester, worker] of [
            [acme, assistant],
            [assistant, acme],
          ] as const) {
            worker.handleTask("count", async function* ({ payload, update }) {
              update({ upTo: payload });
              for (let i = 1; i <= (payload as number); i++) {
                yield { i };
              }
              return "done";
            });
            const task = requester.requestTask(worker.name, { name: "count", payload: 2 });
            expect((await collect(task)).map(({ type, data }) => [type, data])).to.deep.equal([
              ["streamStart", undefined],
              ["update", { upTo: 2 }],
              ["streamData", { i: 1 }],
              ["streamData", { i: 2 }],
              ["streamEnd", "done"],
            ]);
            expect(await task).to.equal("done");
          }
        });
      });
    }

    it("has a task cancelled, with the reason", async () => {
      const joined = fixture();
      await joined.serve();
      const [{ acme }, { assistant }] = await joined.connect();
      const why = deferred<StatusError>();
      assistant.handleTask("work", ({ signal }) => aborted(signal).then(why.resolve));
      const task = acme.requestTask("assistant", { name: "work" });
      await until(() => assistant.taskStats.handled === 1);
      task.cancel("enough");
      await expectFailure(Code.CANCELLED, task);
      expect((await why.promise).message).to.include("enough");
    });

    it("ends a task at once that the relay's policy denies", async () => {
      const joined = fixture();
      await joined.serve({ forwardMessages: ["frame", "taskResponseUrgent"] });
      const [{ acme }, { assistant }] = await joined.connect();
      const error = await expectFailure(Code.PERMISSION_DENIED, acme.requestTask("assistant", { name: "work" }));
      expect(error.message).to.include("policy of a relay").and.to.include("forwardMessages");
      expect(joined.denied.map(({ direction, rule, case: kase }) => [direction, rule, kase])).to.deep.equal([
        ["toBack", "case", "taskRequest"],
      ]);
      expect(assistant.cases).not.to.include("taskRequest");
    });

    it("fails a task with UNAVAILABLE when the server behind the relay is lost, and comes back to another", async () => {
      const joined = fixture();
      await joined.serve();
      const [client, { assistant }] = await joined.connect();
      assistant.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
      const failure = expectFailure(Code.UNAVAILABLE, client.acme.requestTask("assistant", { name: "work" }));
      await until(() => assistant.taskStats.handled === 1);
      void joined.back.serverConnections[0]?.close(lost);
      await failure;
      expect(await joined.relays[0]?.closed).to.include({ code: Code.UNAVAILABLE });
      await until(() => client.events.length === 2);
      expect(client.events).to.deep.equal([["connected"], ["disconnected", Code.UNAVAILABLE]]);
      expect(client.acme.calls).to.include("agentGone assistant");
      joined.front.clock.advance(1_000);
      await until(() => client.acme.calls.filter((call) => call === "agentReady assistant").length === 2);
      expect([joined.relays.length, joined.back.served.length]).to.deep.equal([2, 2]);
      const { assistant: second } = joined.back.served[1] as (typeof joined.back.served)[0];
      client.acme.activateAgent("assistant");
      await until(() => second.calls.includes("activated"));
      say(client.acme, "again");
      await until(() => second.frames.length === 1);
      expect(texts(second)).to.deep.equal(["again"]);
    });

    it("costs a client that sends what the server can't read its connection, and nobody else anything", async () => {
      const joined = fixture();
      await joined.serve();
      const [{ acme }] = await joined.connect();
      const connection = await joined.front.transport.connect();
      connection.receive({ message() {} });
      await until(() => joined.back.served.length === 2);
      const [, served] = joined.back.served;
      // An identifier of a task that isn't UTF-8, where no policy looks.
      connection.send(concat(field(1, "acme"), field(2, "assistant"), field(40, field(1, Uint8Array.of(0xff)))));
      expect(await connection.closed).to.include({ code: Code.INVALID_ARGUMENT });
      await served?.done;
      expect(served?.assistant.cases).not.to.include("taskRequest");
      say(acme, "still here");
      await until(() => joined.relays[0]?.stats.crossedToBack === 2);
    });

    it("tells the server that the client is gone, on purpose or not", async () => {
      const joined = fixture();
      await joined.serve();
      const [client, first] = await joined.connect();
      client.acme.deactivateAgent("proxy");
      await first.done;
      expect(first.gone.map(({ code }) => code)).to.deep.equal([Code.OK]);
      expect(await joined.relays[0]?.closed).to.include({ code: Code.OK });
      client.acme.activateAgent("proxy");
      await until(() => joined.back.served.length === 2);
      const [, second] = joined.back.served;
      await until(() => joined.relays.length === 2 && second?.connected.length === 1);
      void joined.front.serverConnections[1]?.close(lost);
      await second?.done;
      expect(second?.gone.map(({ code }) => code)).to.deep.equal([Code.UNAVAILABLE]);
      // Who connects again gets a relay and a server of its own.
      await until(() => client.events.at(-1)?.[0] === "disconnected");
    });

    it("ends the client's session with OK when the server ends it so", async () => {
      const joined = fixture();
      await joined.serve();
      const [client, { session }] = await joined.connect();
      await session.close();
      await until(() => client.events.length === 2);
      expect(client.events).to.deep.equal([["connected"], ["disconnected", Code.OK]]);
      expect(client.proxy.active).to.equal(false);
    });

    it("has the client come back when the relay's server shuts down", async () => {
      const joined = fixture();
      await joined.serve();
      const [client, served] = await joined.connect();
      await joined.front.server?.close();
      await served.done;
      await until(() => client.events.length === 2);
      expect(client.events[1]).to.deep.equal(["disconnected", Code.UNAVAILABLE]);
      expect(served.gone.map(({ code }) => code)).to.deep.equal([Code.UNAVAILABLE]);
    });

    it("slows down a client whose server doesn't read, and loses nothing", async () => {
      const joined = fixture();
      await joined.serve();
      const [{ acme }, { assistant, session }] = await joined.connect();
      session.link.pause();
      const [towardsBack] = joined.back.clientConnections;
      const [towardsFront] = joined.front.clientConnections;
      const sent: string[] = [];
      const send = () => {
        sent.push(String(sent.length).padStart(65_536, "0"));
        acme.send(busMessage("taskUpdate", { taskId: sent.at(-1) as string }, { target: "assistant" }));
      };
      // The client's own connection fills up once the relay has stopped reading for the server's sake.
      let most = 0;
      const pass = async () => {
        // A browser's socket has to be asked, by a timer, what it has sent.
        joined.front.clock.advance(20);
        joined.back.clock.advance(20);
        await turn();
      };
      while ((towardsFront?.bufferedAmount ?? 0) <= 1_048_576) {
        send();
        await pass();
        most = Math.max(most, towardsBack?.bufferedAmount ?? 0);
      }
      expect(most).to.be.within(1_048_577, 2_097_152);
      session.link.resume();
      while (assistant.cases.filter((kase) => kase === "taskUpdate").length < sent.length) {
        await pass();
      }
      const got = assistant.messages.flatMap(({ body }) =>
        body.case === "taskUpdate" ? [(body.value as { taskId: string }).taskId] : [],
      );
      expect(got).to.deep.equal(sent);
      expect(joined.relays[0]?.stats).to.include({ undelivered: 0, denied: 0 });
    });
  });
}
