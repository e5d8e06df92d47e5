import { expect } from "chai";
import { Code, status } from "../../src/base/status.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { useBridge } from "../support/bridge-fixture.js";
import { until } from "../support/idle.js";

describe("a connection that is lost and made again", () => {
  const bridge = useBridge((options) => new MemoryTransport(options));

  it("is in the log of its client, and not in that of a server, which a client could fill with it", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [client, served] = await fixture.connect();
    let resumed = 0;
    client.proxy.on("resumed", () => void resumed++);
    served.proxy.on("resumed", () => void resumed++);
    void fixture.clientConnections[0]?.close(status(Code.UNAVAILABLE, "lost"));
    await fixture.clock.advanceAsync(1_000);
    await until(() => resumed === 2);
    for (const level of ["warn", "info"] as const) {
      const told = fixture.logger.take(level).filter(({ message }) => /lost|goes on/.test(message));
      expect(
        told.map(({ fields }) => fields["proxy"]),
        level,
      ).to.deep.equal(["proxy"]);
    }
    expect(fixture.logger.take("debug").filter(({ message }) => /lost|goes on/.test(message))).to.have.length(2);
  });
});
