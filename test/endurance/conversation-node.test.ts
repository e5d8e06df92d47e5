import { expect } from "chai";
import { describe, it } from "mocha";
import { converse, kills } from "./conversation.js";

describe("a conversation between two processes whose connection is killed", () => {
  it("goes on without a message lost, doubled or out of order", async function () {
    // Two processes start, and a busy machine takes its time.
    this.timeout(60_000);
    const result = await converse({ seconds: 4 }, new AbortController().signal);
    const { sent, received, lost, duplicates, outOfOrder, trouble, recoveries, audio } = result;
    expect({ lost, duplicates, outOfOrder, trouble }).to.deep.equal({
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
      trouble: [],
    });
    expect(received, "what came of all that was sent").to.equal(sent).and.above(0);
    expect(audio).to.be.above(0);
    expect(recoveries.map(({ kill }) => kill)).to.include.members(kills);
  });
});
