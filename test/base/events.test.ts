import { expect } from "chai";
import { describe, it } from "mocha";
import { TypedEvents } from "../../src/base/events.js";
import { idle } from "../support/idle.js";

type Events = { said: [text: string]; left: [] };

class Source extends TypedEvents<Events> {
  readonly reported: [event: string, error: unknown][] = [];

  say(text: string): void {
    this.emit("said", text);
  }

  get heard(): boolean {
    return this.hasHandlers("said");
  }

  protected override reportHandlerError(event: string, error: unknown): void {
    this.reported.push([event, error]);
  }
}

describe("TypedEvents", () => {
  it("calls the handlers of an event in the order they were added, with its arguments", () => {
    const source = new Source();
    const calls: string[] = [];
    source.on("said", (text) => calls.push(`first ${text}`));
    source.on("said", (text) => calls.push(`second ${text}`));
    source.on("left", () => calls.push("left"));
    source.say("hi");
    expect(calls).to.deep.equal(["first hi", "second hi"]);
  });

  it("stops calling a handler that was taken off", () => {
    const source = new Source();
    const calls: string[] = [];
    const off = source.on("said", (text) => calls.push(text));
    source.say("one");
    off();
    off();
    source.say("two");
    expect(calls).to.deep.equal(["one"]);
  });

  it("calls a function that was added twice twice, and takes it off one at a time", () => {
    const source = new Source();
    let calls = 0;
    const handler = () => calls++;
    source.on("said", handler);
    const off = source.on("said", handler);
    source.say("");
    expect(calls).to.equal(2);
    off();
    source.say("");
    expect(calls).to.equal(3);
  });

  it("calls a handler given to once() one time, even when it emits the event itself", () => {
    const source = new Source();
    const calls: string[] = [];
    source.once("said", (text) => {
      calls.push(text);
      source.say("nested");
    });
    source.say("outer");
    source.say("later");
    expect(calls).to.deep.equal(["outer"]);
  });

  it("never calls a handler given to once() that was taken off before", () => {
    const source = new Source();
    let calls = 0;
    source.once("said", () => calls++)();
    source.say("");
    expect(calls).to.equal(0);
  });

  it("doesn't call a handler that is added while the event is told", () => {
    const source = new Source();
    const calls: string[] = [];
    source.once("said", () => source.on("said", (text) => calls.push(text)));
    source.say("one");
    expect(calls).to.deep.equal([]);
    source.say("two");
    expect(calls).to.deep.equal(["two"]);
  });

  it("reports a handler that throws, and calls the others", () => {
    const source = new Source();
    const error = new Error("thrown");
    const calls: string[] = [];
    source.on("said", () => {
      throw error;
    });
    source.on("said", (text) => calls.push(text));
    source.say("hi");
    expect(calls).to.deep.equal(["hi"]);
    expect(source.reported).to.deep.equal([["said", error]]);
  });

  it("reports a handler whose promise rejects, and calls the others", async () => {
    const source = new Source();
    const error = new Error("rejected");
    const calls: string[] = [];
    source.on("said", async () => {
      throw error;
    });
    source.on("said", (text) => calls.push(text));
    source.say("hi");
    expect(calls).to.deep.equal(["hi"]);
    await idle();
    expect(source.reported).to.deep.equal([["said", error]]);
  });

  it("reports the promise of a handler given to once() too", async () => {
    const source = new Source();
    const error = new Error("rejected");
    source.once("said", () => Promise.reject(error));
    source.say("hi");
    await idle();
    expect(source.reported).to.deep.equal([["said", error]]);
  });

  it("knows whether anyone listens", () => {
    const source = new Source();
    expect(source.heard).to.equal(false);
    source.on("left", () => {});
    expect(source.heard).to.equal(false);
    const off = source.on("said", () => {});
    expect(source.heard).to.equal(true);
    off();
    expect(source.heard).to.equal(false);
  });
});
