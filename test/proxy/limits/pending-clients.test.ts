import { expect } from "chai";
import { overLimit } from "../../../src/base/over-limit.js";
import { Code } from "../../../src/base/status.js";
import { LimitCounters } from "../../../src/proxy/limits/limit-counters.js";
import { PendingClients } from "../../../src/proxy/limits/pending-clients.js";
import { expectThrown } from "../../support/expect-status.js";
import { useRecordingLogger } from "../../support/recording-logger.js";

describe("the clients that aren't let in yet", () => {
  const logger = useRecordingLogger();

  function pending(maxPending: number, maxPendingPerAddress: number) {
    const counters = new LimitCounters(logger);
    return { counters, clients: new PendingClients({ maxPending, maxPendingPerAddress }, counters) };
  }

  it("are so many in all, and of one address", () => {
    const { clients, counters } = pending(4, 3);
    const arrivals = [1, 2, 3].map((port) => clients.arrive(`10.0.0.1:${port}`));
    expectThrown(Code.RESOURCE_EXHAUSTED, () => clients.arrive("10.0.0.1:4"));
    clients.arrive("10.0.0.2:1");
    expectThrown(Code.UNAVAILABLE, () => clients.arrive("10.0.0.3:1"));
    expect(counters.reached).to.include({ maxPendingPerAddress: 1, maxPending: 1 });
    expect(clients.count).to.equal(4);
    arrivals[0]?.settle();
    arrivals[0]?.settle();
    expect(clients.count).to.equal(3);
    clients.arrive("10.0.0.1:5");
    expectThrown(Code.RESOURCE_EXHAUSTED, () => clients.arrive("10.0.0.1:6"));
  });

  it("count for the whole network that somebody with an IPv6 address has", () => {
    const { clients } = pending(10, 2);
    clients.arrive("[2001:db8:1:2::1]:1");
    clients.arrive("[2001:db8:1:2:9::]:1");
    expectThrown(Code.RESOURCE_EXHAUSTED, () => clients.arrive("[2001:db8:1:2:3:4:5:6]:1"));
    clients.arrive("[2001:db8:1:3::1]:1");
  });

  it("are forgotten with the last of an address", () => {
    const { clients, counters } = pending(2, 1);
    for (let i = 0; i < 1_000; i++) {
      clients.arrive(`10.0.${i >> 8}.${i & 255}:1`).settle();
    }
    expect(clients.count).to.equal(0);
    expect(counters.reached.maxPending).to.equal(0);
  });

  it("count as having been too slow where the transport says so", () => {
    const { clients, counters } = pending(2, 2);
    clients.arrive("10.0.0.1:1").settle(overLimit("handshakeTimeoutMs", "too slow", Code.DEADLINE_EXCEEDED));
    expect(counters.reached.handshakeTimeoutMs).to.equal(1);
  });

  it("make one line of the log for each limit, however many there are", () => {
    const { clients, counters } = pending(1, 1);
    clients.arrive("10.0.0.1:1");
    for (let i = 0; i < 100; i++) {
      expectThrown(Code.RESOURCE_EXHAUSTED, () => clients.arrive("10.0.0.1:1"));
      expectThrown(Code.UNAVAILABLE, () => clients.arrive("10.0.0.2:1"));
    }
    expect(logger.take("warn").map(({ fields }) => fields["limit"])).to.deep.equal([
      "maxPendingPerAddress",
      "maxPending",
    ]);
    expect(counters.reached).to.include({ maxPendingPerAddress: 100, maxPending: 100 });
  });
});
