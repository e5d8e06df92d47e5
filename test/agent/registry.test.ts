import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { AgentRegistry, type AgentWatcher } from "../../src/agent/registry.js";
import { useRecordingLogger } from "../support/recording-logger.js";

describe("AgentRegistry", () => {
  const logger = useRecordingLogger();
  let registry = new AgentRegistry("here", logger);

  beforeEach(() => {
    registry = new AgentRegistry("here", logger);
  });

  function recording(): AgentWatcher & { readonly told: readonly string[] } {
    const told: string[] = [];
    return {
      told,
      ready: ({ name, runner }) => void told.push(`ready ${name} on ${runner}`),
      gone: ({ name, runner }) => void told.push(`gone ${name} on ${runner}`),
    };
  }

  it("knows its runner's name", () => {
    expect(registry.runnerName).to.equal("here");
  });

  it("lists local agents apart from those of other runners", () => {
    registry.register({ name: "a", runner: "here" });
    registry.register({ name: "b", runner: "there" });
    registry.register({ name: "c", runner: "elsewhere" });
    expect(registry.localAgents).to.deep.equal([{ name: "a", runner: "here" }]);
    expect(registry.remoteAgents).to.deep.equal([
      { name: "b", runner: "there" },
      { name: "c", runner: "elsewhere" },
    ]);
  });

  it("returns false for an agent that its runner has already, and keeps what it knew", () => {
    const first = { name: "a", runner: "here", startedAt: 1 };
    expect(registry.register(first)).to.equal(true);
    expect(registry.register({ name: "a", runner: "here", startedAt: 2 })).to.equal(false);
    expect(registry.get("a")).to.equal(first);
  });

  it("tracks agents of one name on several runners separately", () => {
    expect(registry.register({ name: "a", runner: "one" })).to.equal(true);
    expect(registry.register({ name: "a", runner: "two" })).to.equal(true);
    expect(registry.remoteAgents.map(({ runner }) => runner)).to.deep.equal(["one", "two"]);
    registry.unregister("a", "one");
    expect(registry.get("a")?.runner).to.equal("two");
  });

  it("gets a local agent, a remote one, a local one first, and nothing for an unknown name", () => {
    registry.register({ name: "a", runner: "there" });
    expect(registry.get("a")?.runner).to.equal("there");
    registry.register({ name: "a", runner: "here" });
    expect(registry.get("a")?.runner).to.equal("here");
    expect(registry.get("unknown")).to.equal(undefined);
  });

  it("has what is registered and no more", () => {
    registry.register({ name: "a", runner: "there" });
    expect([registry.has("a"), registry.has("b")]).to.deep.equal([true, false]);
    registry.unregister("a", "there");
    expect(registry.has("a")).to.equal(false);
  });

  it("tells a watcher when an agent of the name becomes ready, and of no other name", () => {
    const watcher = recording();
    registry.watch("a", watcher);
    registry.register({ name: "b", runner: "here" });
    expect(watcher.told).to.deep.equal([]);
    registry.register({ name: "a", runner: "here" });
    expect(watcher.told).to.deep.equal(["ready a on here"]);
  });

  it("tells a watcher nothing of a duplicate, but of the same name on another runner", () => {
    const watcher = recording();
    registry.watch("a", watcher);
    registry.register({ name: "a", runner: "here" });
    registry.register({ name: "a", runner: "here" });
    registry.register({ name: "a", runner: "there" });
    expect(watcher.told).to.deep.equal(["ready a on here", "ready a on there"]);
  });

  it("tells every watcher of a name", () => {
    const [one, two] = [recording(), recording()];
    registry.watch("a", one);
    registry.watch("a", two);
    registry.register({ name: "a", runner: "here" });
    expect([one.told, two.told]).to.deep.equal([["ready a on here"], ["ready a on here"]]);
  });

  it("tells a watcher at once of an agent that is known", () => {
    registry.register({ name: "a", runner: "here" });
    registry.register({ name: "a", runner: "there" });
    const watcher = recording();
    registry.watch("a", watcher);
    expect(watcher.told).to.deep.equal(["ready a on here", "ready a on there"]);
  });

  it("tells a watcher that was given twice once", () => {
    const watcher = recording();
    registry.register({ name: "a", runner: "here" });
    registry.watch("a", watcher);
    registry.watch("a", watcher);
    registry.register({ name: "a", runner: "there" });
    expect(watcher.told).to.deep.equal(["ready a on here", "ready a on there"]);
  });

  it("tells a watcher that an agent is gone when the last one of the name is", () => {
    const watcher = recording();
    registry.register({ name: "a", runner: "here" });
    registry.register({ name: "a", runner: "there" });
    registry.watch("a", { gone: (agent) => watcher.gone?.(agent) });
    expect(registry.unregister("a", "here")).to.equal(true);
    expect(watcher.told).to.deep.equal([]);
    expect(registry.unregister("a", "there")).to.equal(true);
    expect(watcher.told).to.deep.equal(["gone a on there"]);
  });

  it("returns false when it unregisters what it doesn't have, and tells nobody", () => {
    const watcher = recording();
    registry.register({ name: "a", runner: "here" });
    registry.watch("a", watcher);
    expect(registry.unregister("a", "there")).to.equal(false);
    expect(registry.unregister("b", "here")).to.equal(false);
    expect(watcher.told).to.deep.equal(["ready a on here"]);
  });

  it("tells a watcher again when an agent that was gone comes back", () => {
    const watcher = recording();
    registry.watch("a", watcher);
    registry.register({ name: "a", runner: "there" });
    registry.unregister("a", "there");
    registry.register({ name: "a", runner: "there again" });
    expect(watcher.told).to.deep.equal(["ready a on there", "gone a on there", "ready a on there again"]);
  });

  it("tells nothing to a watcher that has stopped, and others all the same", () => {
    const [one, two] = [recording(), recording()];
    const unwatch = registry.watch("a", one);
    registry.watch("a", two);
    unwatch();
    unwatch();
    registry.register({ name: "a", runner: "here" });
    expect([one.told, two.told]).to.deep.equal([[], ["ready a on here"]]);
  });

  it("keeps new watchers of a name when an old one stops again", () => {
    const [one, two] = [recording(), recording()];
    const unwatch = registry.watch("a", one);
    unwatch();
    registry.watch("a", two);
    unwatch();
    registry.register({ name: "a", runner: "here" });
    expect(two.told).to.deep.equal(["ready a on here"]);
  });

  it("logs a watcher that throws, and tells the others", () => {
    const error = new Error("broken");
    const fail = () => {
      throw error;
    };
    const watcher = recording();
    registry.watch("a", { ready: fail, gone: fail });
    registry.watch("a", watcher);
    expect(registry.register({ name: "a", runner: "here" })).to.equal(true);
    expect(registry.unregister("a", "here")).to.equal(true);
    expect(watcher.told).to.deep.equal(["ready a on here", "gone a on here"]);
    expect(logger.takeErrors()).to.deep.equal([error, error]);
  });
});
