import { expect } from "chai";
import { describe, it } from "mocha";
import { ticketCredential, tickets } from "../../src/auth/tickets.js";
import { Code } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { expectRejected, expectThrown } from "../support/expect-status.js";
import { credentialOf, refusal, request } from "./request.js";

function office(options: Parameters<typeof tickets>[0] = {}) {
  const clock = new VirtualClock();
  const { issue, authenticate } = tickets({ clock, ...options });
  const byUrl = async (url: string) => authenticate(request({ url }));
  const show = (ticket: string) => byUrl(`/ws?ticket=${ticket}`);
  const refused = async (ticket: string) => {
    expect((await expectRejected(Code.UNAUTHENTICATED, show(ticket))).message).to.equal(refusal);
  };
  return { clock, issue, authenticate, byUrl, show, refused };
}

describe("a ticket", () => {
  it("lets its holder in, once", async () => {
    const { issue, show, refused } = office();
    const amy = { name: "amy", policy: "guest", expiresAt: 99 };
    const [first, second] = [issue(amy), issue({ name: "bob" })];
    expect(await show(first)).to.deep.equal(amy);
    await refused(first);
    expect(await show(second)).to.deep.equal({ name: "bob" });
    await refused(second);
  });

  it("is used up by the first of two that show it at the same time", async () => {
    const { issue, show } = office();
    const ticket = issue({ name: "amy" });
    const shown = await Promise.allSettled([show(ticket), show(ticket), show(ticket)]);
    expect(shown.filter(({ status }) => status === "fulfilled")).to.have.length(1);
  });

  it("is fit for a URL as it is, and at random", () => {
    const { issue } = office();
    const many = Array.from({ length: 100 }, () => issue({ name: "amy" }));
    for (const ticket of many) {
      expect(ticket).to.match(/^[\w-]{64}$/);
      expect(encodeURIComponent(ticket)).to.equal(ticket);
    }
    expect(new Set(many.map((ticket) => ticket.slice(0, 21))).size).to.equal(100);
    expect(new Set(many.map((ticket) => ticket.slice(22))).size).to.equal(100);
  });

  it("expires", async () => {
    const { clock, issue, show, refused } = office({ ttlMs: 1_000 });
    const [early, late] = [issue({ name: "amy" }), issue({ name: "amy" })];
    clock.advance(999);
    expect(await show(early)).to.deep.equal({ name: "amy" });
    clock.advance(1);
    await refused(late);
  });

  it("is nothing that another one, or a part of one, makes up for", async () => {
    const { issue, show, refused, byUrl } = office();
    const [first, second] = [issue({ name: "amy" }), issue({ name: "bob" })];
    const forged = first.slice(0, 22) + second.slice(22);
    // The id of the one with the secret of the other; 128 bits are 21 characters and a part of the next.
    for (const ticket of ["", first.slice(0, 63), `${first}A`, forged, "A".repeat(64), `${first.slice(0, 63)}!`]) {
      await refused(ticket);
    }
    await expectRejected(Code.UNAUTHENTICATED, byUrl(`/ws?ticket=${first}&ticket=${second}`));
    await expectRejected(Code.UNAUTHENTICATED, byUrl(`/ticket=${first}`));
    await expectRejected(Code.UNAUTHENTICATED, byUrl(`/ws#?ticket=${first.slice(1)}`));
    await expectRejected(Code.UNAUTHENTICATED, byUrl("/ws"));
    // Nobody who guesses uses one up.
    expect(await show(first)).to.deep.equal({ name: "amy" });
    expect(await show(second)).to.deep.equal({ name: "bob" });
  });

  it("comes in a message too, which counts before the URL", async () => {
    const { issue, authenticate, refused } = office();
    const [first, second] = [issue({ name: "amy" }), issue({ name: "bob" })];
    const url = `/ws?x=1&ticket=${first}`;
    expect(await authenticate(request({ url, credential: ticketCredential(second) }))).to.deep.equal({ name: "bob" });
    await expectRejected(
      Code.UNAUTHENTICATED,
      Promise.resolve(authenticate(request({ url, credential: ticketCredential("used") }))),
    );
    expect(await authenticate(request({ url, credential: credentialOf("bearer", "x") }))).to.deep.equal({
      name: "amy",
    });
    await refused(first);
  });

  it("isn't made when too many are out, until one is used or has expired", async () => {
    const { clock, issue, show } = office({ ttlMs: 1_000, maxTickets: 2 });
    const amy = { name: "amy" };
    const first = issue(amy);
    clock.advance(500);
    const second = issue(amy);
    expectThrown(Code.RESOURCE_EXHAUSTED, () => issue(amy));
    await show(second);
    const third = issue(amy);
    expectThrown(Code.RESOURCE_EXHAUSTED, () => issue(amy));
    clock.advance(500);
    issue(amy);
    await expectRejected(Code.UNAUTHENTICATED, show(first));
    expect(await show(third)).to.deep.equal(amy);
  });

  it("is promised to somebody", () => {
    expectThrown(Code.INVALID_ARGUMENT, () => office().issue({} as never));
    for (const options of [{ ttlMs: -1 }, { ttlMs: Number.NaN }, { maxTickets: 0 }, { maxTickets: 1.5 }]) {
      expectThrown(Code.INVALID_ARGUMENT, () => tickets(options));
    }
  });
});
