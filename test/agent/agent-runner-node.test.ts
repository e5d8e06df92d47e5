import { expect } from "chai";
import { describe, it } from "mocha";
import { recorder } from "../support/bus-messages.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

describe("AgentRunner, in Node", () => {
  const runners = useRunners(useRecordingLogger());

  it("leaves behind neither a listener on the process, nor a name on the bus, nor an entry in the registry", async () => {
    const count = () => [process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")];
    const before = count();
    const runner = runners.make({ handleSigint: true, handleSigterm: true });
    const agent = new TestAgent("a");
    await runner.addAgent(agent);
    expect(count()).to.deep.equal(before);
    const running = runner.run();
    expect(count()).to.deep.equal(before.map((listeners) => listeners + 1));
    await idle();
    runner.end();
    await running;
    expect(count()).to.deep.equal(before);
    expect([...runner.registry.localAgents, ...runner.registry.remoteAgents]).to.deep.equal([]);
    runner.bus.subscribe(recorder("a"));
    runner.bus.subscribe(recorder(runner.name));
    expect(agent.children).to.deep.equal([]);
  });
});
