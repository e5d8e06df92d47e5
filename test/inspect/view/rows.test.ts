import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import type { TapEvent, TapRecord } from "../../../src/inspect/tap-record.js";
import { Crossings } from "../../../src/inspect/view/crossings.js";
import { formatBytes, formatMs, formatRange, formatTime, typeOf } from "../../../src/inspect/view/format.js";
import type { Row, Side } from "../../../src/inspect/view/row.js";
import { rowText } from "../../../src/inspect/view/row-text.js";
import { Rows } from "../../../src/inspect/view/rows.js";

const names = { left: "Page", right: "Server" };

let rows: Rows;
let number: number;

beforeEach(() => {
  rows = new Rows(20);
  number = 0;
});

function tell(side: Side, at: number, event: TapEvent, leftOut = 0): void {
  const record: TapRecord = { ...event, number: ++number, at, tap: side, leftOut };
  rows.add(side, record);
}

/** A frame of text from the assistant to acme, unless told otherwise. */
const facts = (message: number, more: object = {}) => ({
  message,
  ...{ source: "assistant", target: "acme", case: "frame", kind: "llmText", isUpstream: false },
  ...more,
});

function crossed(side: Side, at: number, direction: "in" | "out", message: number, bytes = 30, isKept = false): void {
  tell(side, at, { event: "crossed", bridge: "proxy", direction, bytes, isKept, ...facts(message) });
}

/** What there is to see of a row. */
function seen(row: Row): string {
  const { type, times, size, latency } = rowText(row, names, true);
  const arrow = row.toward === undefined ? row.side : `${row.side}>${row.toward}`;
  return [row.kind, arrow, type + times, size, latency].filter((part) => part !== "").join(" ");
}

const all = () => rows.rows.map(seen);

describe("Rows", () => {
  it("has one row for what leaves one bus and arrives at the other, and says how long it took", () => {
    crossed("right", 1_000, "out", 1);
    expect(all()).to.deep.equal(["crossing right>left llmText 30 B on its way"]);
    crossed("left", 1_007, "in", 9);
    expect(all()).to.deep.equal(["crossing right>left llmText 30 B 7 ms"]);
  });

  it("takes the clock of the other side into account, and no time for less than none", () => {
    rows.setClockOffset(5_000);
    crossed("right", 6_000, "out", 1);
    crossed("left", 1_007, "in", 9);
    crossed("right", 7_000, "out", 2, 40);
    crossed("left", 1_990, "in", 10, 40);
    expect(all()).to.deep.equal(["crossing right>left llmText×2 70 B <1–7 ms"]);
  });

  it("doesn't mind which side tells first", () => {
    crossed("left", 1_007, "in", 9);
    crossed("right", 1_000, "out", 1);
    expect(all()).to.deep.equal(["crossing right>left llmText 30 B 7 ms"]);
    expect(rows.totals).to.include({ toLeft: 1, toRight: 0, bytes: 30 });
  });

  it("tells messages of one type apart by their size, and else by their order", () => {
    crossed("right", 1_000, "out", 1, 30);
    crossed("right", 1_001, "out", 2, 31);
    crossed("right", 1_002, "out", 3, 30);
    crossed("left", 1_010, "in", 9, 31);
    crossed("left", 1_011, "in", 9, 30);
    expect(rows.rows[0]).to.include({ count: 3, arrived: 2, quickestMs: 9, slowestMs: 11 });
  });

  it("says of what is kept without a connection that it is, and for how long it was", () => {
    tell("left", 900, { event: "suspended", bridge: "proxy", code: "UNAVAILABLE", why: "broke" });
    crossed("left", 1_000, "out", 1, 30, true);
    expect(all().at(-1)).to.equal("crossing left>right llmText 30 B kept");
    crossed("right", 5_200, "in", 1);
    expect(all().at(-1)).to.equal("crossing left>right llmText 30 B kept 4.2 s");
  });

  it("shows what stays on a bus once nothing more was told of it in the batch after", () => {
    tell("left", 1, { event: "sent", ...facts(1) });
    rows.settle();
    expect(all()).to.deep.equal([]);
    expect(rows.isWaiting).to.equal(true);
    rows.settle();
    expect(all()).to.deep.equal(["local left llmText"]);
    expect(rows.isWaiting).to.equal(false);
  });

  it("but not what crosses too, whichever of the two is told first", () => {
    tell("left", 1, { event: "sent", ...facts(1) });
    crossed("left", 1, "out", 1);
    crossed("left", 2, "in", 2, 50);
    tell("left", 2, { event: "sent", ...facts(2) });
    rows.settle();
    rows.settle();
    expect(rows.rows.map(({ kind }) => kind)).to.deep.equal(["crossing", "crossing"]);
  });

  it("doesn't wait for the arrival of an announcement, which the proxy at the other end takes for itself", () => {
    tell("right", 1, {
      ...{ event: "crossed", bridge: "relay", direction: "out", bytes: 9, isKept: false },
      ...{ source: "assistant", case: "agentRegistry" },
    });
    expect(all()).to.deep.equal(["local right agentRegistry 9 B"]);
  });

  it("shows what is refused once, with the rule and why", () => {
    tell("left", 1, { event: "sent", ...facts(1, { source: "acme", target: "assistant" }) });
    const denied = { bridge: "proxy", rule: "case", why: "No entry." } as const;
    tell("left", 1, {
      ...{ event: "denied", direction: "out", ...denied },
      ...{ source: "acme", target: "assistant", case: "frame", kind: "llmText" },
    });
    rows.settle();
    rows.settle();
    expect(all()).to.deep.equal(["refused left>right llmText"]);
    expect(rowText(rows.rows[0] as Row, names, true).spoken).to.match(
      /llmText, from acme to assistant, stopped on its way from Page, Refused by the policy \(rule case\): No entry\.$/,
    );
    expect(rows.totals.refused).to.equal(1);
  });

  it("knows that what the other side refuses doesn't arrive", () => {
    crossed("right", 1, "out", 1);
    tell("left", 2, {
      ...{ event: "denied", bridge: "proxy", direction: "in", rule: "kind", why: "No entry." },
      ...{ source: "assistant", target: "acme", case: "frame", kind: "llmText" },
    });
    expect(all()).to.deep.equal(["crossing right>left llmText 30 B 1 lost", "refused right>left llmText"]);
    expect(rows.totals).to.include({ toLeft: 0, toRight: 0, bytes: 0, refused: 1 });
  });

  it("shows what isn't delivered, and that it won't arrive", () => {
    crossed("right", 1, "out", 7);
    crossed("right", 1, "out", 8, 50);
    expect(rows.totals).to.include({ toLeft: 2, bytes: 80 });
    tell("right", 2, { event: "undelivered", bridge: "gateway", code: "UNAVAILABLE", why: "gone", ...facts(7) });
    expect(rows.totals).to.include({ toLeft: 1, toRight: 0, bytes: 50 });
    expect(all()).to.deep.equal(["crossing right>left llmText×2 80 B 1 lost", "trouble right llmText"]);
    expect(rowText(rows.rows[1] as Row, names, true).why).to.equal("undelivered: gone");
  });

  it("has one row for what became of the connection at both sides, whatever crossed before the other one told", () => {
    tell("left", 1_000, { event: "connected", bridge: "proxy" });
    for (let message = 1; message < 9; message++) {
      tell("left", 1_000 + message, {
        ...{ event: "crossed", bridge: "proxy", direction: "out", bytes: 30, isKept: false },
        ...facts(message, { kind: `kind ${message}` }),
      });
    }
    tell("right", 998, { event: "connected", bridge: "gateway" });
    tell("right", 9_000, { event: "connected", bridge: "gateway" });
    const links = rows.rows.filter(({ kind }) => kind === "link");
    expect(links.map(({ at, also }) => [at, also?.at])).to.deep.equal([
      [1_000, 998],
      [9_000, undefined],
    ]);
  });

  it("finds what a link gives back, though it is a copy", () => {
    crossed("left", 1, "out", 7, 30, true);
    const { message: _, ...copy } = facts(7);
    tell("left", 2, { event: "undelivered", bridge: "proxy", code: "UNAVAILABLE", why: "gone", ...copy });
    expect(all()).to.deep.equal(["crossing left>right llmText 30 B 1 lost", "trouble left llmText"]);
  });

  it("but not what the bus alone couldn't deliver", () => {
    crossed("left", 1, "out", 7);
    const { message: _, ...other } = facts(8);
    tell("left", 2, { event: "undelivered", code: "NOT_FOUND", why: "nobody", ...other });
    expect(all()).to.deep.equal(["crossing left>right llmText 30 B on its way", "trouble left llmText"]);
  });

  it("has a row each for what becomes of the connection, and one for attempts that fail", () => {
    const failed = (why: string) => ({ event: "connectFailed", bridge: "proxy", code: "UNAVAILABLE", why }) as const;
    tell("left", 1, { event: "connected", bridge: "proxy" });
    tell("left", 2, { event: "suspended", bridge: "proxy", code: "UNAVAILABLE", why: "broke" });
    tell("left", 3, failed("a"));
    tell("left", 4, failed("b"));
    tell("left", 5, { event: "resumed", bridge: "proxy", outageMs: 3_200 });
    expect(all()).to.deep.equal([
      "link left connected",
      "link left connection lost",
      "link left no connection yet×2",
      "link left resumed",
    ]);
    expect(rows.rows.at(-1)?.why).to.equal("after 3.2 s");
  });

  it("has one row for what both sides tell of the connection at about the same time", () => {
    tell("right", 1, { event: "resumed", bridge: "gateway", outageMs: 10 });
    tell("left", 8, { event: "resumed", bridge: "proxy", outageMs: 12 });
    tell("left", 9, { event: "resumed", bridge: "proxy", outageMs: 12 });
    expect(rows.rows.map(({ why, also }) => [why, also?.why])).to.deep.equal([
      ["after 10 ms", "after 12 ms"],
      ["after 12 ms", undefined],
    ]);
    expect(rowText(rows.rows[0] as Row, names, true).spoken).to.match(/resumed, at Page and Server, after 10 ms/);
  });

  it("puts messages of one type in one row, also when another sort comes in between, but not after a while", () => {
    for (let index = 0; index < 10; index++) {
      crossed("left", index * 20, "out", index);
      tell("left", index * 20, {
        ...{ event: "crossed", bridge: "proxy", direction: "out", bytes: 700, isKept: false },
        ...facts(100 + index, { kind: "inputAudioRaw" }),
      });
    }
    expect(rows.rows.map(({ count, bytes }) => [count, bytes])).to.deep.equal([
      [10, 300],
      [10, 7_000],
    ]);
    crossed("left", 9_000, "out", 99);
    expect(rows.rows).to.have.lengthOf(3);
  });

  it("puts what is told a little late where it belongs", () => {
    crossed("left", 1_000, "out", 1, 30);
    tell("right", 990, { event: "resumed", bridge: "gateway", outageMs: 1 });
    expect(rows.rows.map(({ kind }) => kind)).to.deep.equal(["link", "crossing"]);
  });

  it("is bounded, and tells what changed and what is gone of what it told before", () => {
    const tellFifty = (from: number) => {
      for (let index = from; index < from + 50; index++) {
        tell("left", index, { event: "suspended", bridge: "proxy", code: "UNAVAILABLE", why: `${index}` });
      }
    };
    tellFifty(0);
    expect(rows.rows).to.have.lengthOf(20);
    const { changed, removed } = rows.takeChanges();
    expect(changed.map(({ why }) => why)).to.deep.equal(rows.rows.map(({ why }) => why));
    // However many there were: while nobody asks, as in a view that is paused, what is to be told doesn't pile up.
    expect(removed).to.deep.equal([]);
    expect(rows.takeChanges()).to.deep.equal({ changed: [], removed: [] });
    tellFifty(50);
    tellFifty(100);
    const next = rows.takeChanges();
    expect(next.changed).to.deep.equal(rows.rows);
    expect(next.removed).to.deep.equal(changed);
  });

  it("gives up waiting for the oldest when too many don't arrive", () => {
    const crossings = new Crossings<number>();
    const sized = (bytes: number) => ({ ...facts(bytes), bytes });
    for (let index = 0; index < 600; index++) {
      crossings.leaves("left", sized(index), index, () => index);
    }
    expect(crossings.arrives("left", sized(0), 700, () => -1)).to.equal(undefined);
    expect(crossings.arrives("left", sized(599), 700, () => -1)).to.deep.equal({ item: 599, latencyMs: 101 });
  });

  it("counts what there is no record of", () => {
    rows.skip(5);
    tell("left", 1, { event: "connected", bridge: "proxy" }, 3);
    expect(rows.totals.notShown).to.equal(8);
  });
});

describe("what a row says", () => {
  it("is short", () => {
    expect([0, 312, 999, 1_000, 4_240, 99_960, 999_499, 1_234_567].map(formatBytes)).to.deep.equal([
      "0 B",
      "312 B",
      "999 B",
      "1.0 kB",
      "4.2 kB",
      "100 kB",
      "999 kB",
      "1.2 MB",
    ]);
    expect([0, 0.4, 1, 12.3, 999, 1_000, 4_240, 42_000, 150_000].map(formatMs)).to.deep.equal([
      "<1 ms",
      "<1 ms",
      "1 ms",
      "12 ms",
      "999 ms",
      "1.0 s",
      "4.2 s",
      "42 s",
      "3 min",
    ]);
    expect([formatRange(3, 3.2), formatRange(3, 48), formatRange(0, 5), formatRange(900, 2_000)]).to.deep.equal([
      "3 ms",
      "3–48 ms",
      "<1–5 ms",
      "900 ms–2.0 s",
    ]);
    expect(formatTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).to.equal("03:04:05.006");
    expect(typeOf(facts(1))).to.equal("llmText");
    expect(typeOf({ source: "a", case: "custom", typeName: "acme.v1.Order" })).to.equal("Order");
    expect(typeOf({ source: "a", case: "taskRequest" })).to.equal("taskRequest");
  });

  it("doesn't speak of arrivals where there is a tap on one side alone", () => {
    crossed("left", 1, "out", 1);
    expect(rowText(rows.rows[0] as Row, { left: "Page", right: "the other side" }, false).latency).to.equal("");
  });
});
