import type { MessageFacts, TapRecord } from "../tap-record.js";
import { Crossings, type Gone, isAlike } from "./crossings.js";
import { formatMs } from "./format.js";
import { across, type Row, type Side } from "./row.js";

/** Counts of all that was seen, rows that are gone included. */
export interface Totals {
  readonly toRight: number;
  readonly toLeft: number;
  readonly bytes: number;
  readonly refused: number;
  /** Messages without a record: a rate limit left them out, or newer ones took their place. */
  readonly notShown: number;
}

/** What changed: rows that are new or different, and rows that are gone. */
export interface RowChanges {
  readonly changed: readonly Row[];
  readonly removed: readonly Row[];
}

type NewRow = Pick<Row, "kind" | "side" | "toward" | "facts" | "at" | "title" | "why"> &
  Partial<Pick<Row, "bytes" | "isKept">>;

/**
 * A message joins a row at most so many rows back, whose last message was seen no longer ago than this. What is told late
 * goes at most as far back.
 */
const joinRows = 4;
const joinMs = 2_000;

/** How many messages are known to have left their bus before it was told that they were on it. */
const maxKnown = 1_000;

const linkTitles = {
  suspended: "connection lost",
  disconnected: "disconnected",
  connectFailed: "no connection yet",
  failed: "given up",
} as const;

/** Makes rows of the records of one tap, or of two. What it holds is bounded. */
export class Rows {
  readonly #maxRows: number;
  readonly #totals = { toRight: 0, toLeft: 0, bytes: 0, refused: 0, notShown: 0 };
  readonly #rows: Row[] = [];
  readonly #lastAt = new WeakMap<Row, number>();
  readonly #changed = new Set<Row>();
  #removed: Row[] = [];
  /** Rows that somebody was told of: of others nobody needs to know that they are gone. */
  readonly #told = new Set<Row>();
  readonly #crossings = new Crossings<Row>();
  /** Messages that were seen on a bus, as long as something else may be told of them; and whether a batch has passed. */
  readonly #held = new Map<
    string,
    { readonly side: Side; readonly record: TapRecord & MessageFacts; isOld: boolean }
  >();
  /** Messages of which something else was told first. */
  readonly #known = new Set<string>();
  #nextId = 1;
  #offsetMs = 0;

  constructor(maxRows = 200) {
    this.#maxRows = maxRows;
  }

  /** The rows there are, oldest first. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  get totals(): Totals {
    return { ...this.#totals };
  }

  /** Whether `settle()` has something to do, in a batch to come. */
  get isWaiting(): boolean {
    return this.#held.size > 0;
  }

  /** Says by how many milliseconds the clock of the right side is ahead of that of the left. */
  setClockOffset(ms: number): void {
    this.#offsetMs = ms;
  }

  /** Counts messages that nobody has a record of any more. */
  skip(count: number): void {
    this.#totals.notShown += count;
  }

  add(side: Side, record: TapRecord): void {
    this.skip(record.leftOut);
    const at = this.#time(side, record);
    switch (record.event) {
      case "sent":
        this.#sent(side, record);
        break;
      case "crossed":
        this.#explain(side, record);
        if (isAnnouncement(record)) {
          this.#append({ ...onSide("local", side, at), facts: record, bytes: record.bytes });
        } else {
          this.#crossed(side, record, at);
        }
        break;
      case "denied":
        this.#denied(side, record, at);
        break;
      case "undelivered":
      case "dropped":
        this.#explain(side, record);
        this.#lost(side, record, at);
        break;
      case "invalid":
        this.#append({ ...onSide("trouble", side, at), title: "invalid", why: record.why, bytes: record.bytes });
        break;
      case "connected":
        this.#append({ ...onSide("link", side, at), title: "connected" });
        break;
      case "resumed":
        this.#append({ ...onSide("link", side, at), title: "resumed", why: `after ${formatMs(record.outageMs)}` });
        break;
      default:
        this.#append({ ...onSide("link", side, at), title: linkTitles[record.event], why: record.why });
    }
  }

  /** Ends a batch of records: what was on a bus at the end of the batch before, and no more was told of, stays there. */
  settle(): void {
    for (const [key, held] of this.#held) {
      if (held.isOld) {
        this.#held.delete(key);
        const { side, record } = held;
        this.#append({ ...onSide("local", side, this.#time(side, record)), facts: record });
      }
      held.isOld = true;
    }
  }

  /** What changed since the last call. */
  takeChanges(): RowChanges {
    const changed = [...this.#changed].sort((a, b) => a.id - b.id);
    const removed = this.#removed;
    for (const row of changed) {
      this.#told.add(row);
    }
    this.#changed.clear();
    this.#removed = [];
    return { changed, removed };
  }

  #time(side: Side, { at }: TapRecord): number {
    return side === "left" ? at : at - this.#offsetMs;
  }

  #sent(side: Side, record: TapRecord & MessageFacts): void {
    const key = `${side} ${record.tap} ${record.message}`;
    if (!this.#known.delete(key)) {
      this.#held.set(key, { side, record, isOld: false });
    }
  }

  /** More is told of a message than that it is on the bus. */
  #explain(side: Side, record: TapRecord & MessageFacts): void {
    const key = `${side} ${record.tap} ${record.message}`;
    if (this.#held.delete(key) || record.message === undefined) {
      return;
    }
    this.#known.add(key);
    for (const oldest of this.#known) {
      if (this.#known.size <= maxKnown) {
        break;
      }
      this.#known.delete(oldest);
    }
  }

  #crossed(side: Side, record: TapRecord & { readonly event: "crossed" }, at: number): void {
    const leaves = record.direction === "out";
    const from = leaves ? side : across(side);
    const makeRow = () => {
      this.#totals[from === "left" ? "toRight" : "toLeft"]++;
      this.#totals.bytes += record.bytes;
      const { bytes, isKept } = record;
      return this.#append({ ...onSide("crossing", from, at), toward: across(from), facts: record, bytes, isKept });
    };
    const met = this.#crossings[leaves ? "leaves" : "arrives"](from, record, at, makeRow);
    if (met !== undefined) {
      const { item: row, latencyMs } = met;
      row.arrived++;
      row.quickestMs = Math.min(row.quickestMs ?? latencyMs, latencyMs);
      row.slowestMs = Math.max(row.slowestMs ?? 0, latencyMs);
      this.#changed.add(row);
    }
  }

  #denied(side: Side, record: TapRecord & { readonly event: "denied" }, at: number): void {
    this.#totals.refused++;
    const isIncoming = record.direction === "in";
    if (isIncoming) {
      this.#neverArrives(this.#crossings.refused(across(side), record));
    } else {
      // A denial doesn't say which message it was: the first like it.
      const found = [...this.#held].find(([, held]) => held.side === side && isAlike(held.record, record));
      this.#held.delete(found?.[0] ?? "");
    }
    const { rule, why } = record;
    const from = isIncoming ? across(side) : side;
    this.#append({ ...onSide("refused", from, at), toward: across(from), facts: record, title: rule, why });
  }

  #lost(side: Side, record: TapRecord & { readonly event: "undelivered" | "dropped" }, at: number): void {
    if (record.event === "undelivered" && record.bridge !== undefined) {
      this.#neverArrives(this.#crossings.lost(side, record));
    }
    const why = record.event === "dropped" ? `the queue of ${record.subscriber} is full` : record.why;
    this.#append({ ...onSide("trouble", side, at), facts: record, title: record.event, why });
  }

  /** What doesn't arrive hasn't crossed, though it was counted when it left. */
  #neverArrives(gone: Gone<Row> | undefined): void {
    if (gone !== undefined) {
      const { item: row, bytes } = gone;
      row.lost++;
      this.#totals[row.side === "left" ? "toRight" : "toLeft"]--;
      this.#totals.bytes -= bytes;
      this.#changed.add(row);
    }
  }

  #append(init: NewRow): Row {
    const last = this.#rows.slice(-joinRows).reverse();
    // Much may have crossed between the two: a side that is told of late has told of all else before.
    const links = init.kind === "link" ? [...this.#rows].reverse() : [];
    const sameAcross = links.find((row) => isSameAcross(row, init));
    if (sameAcross !== undefined) {
      sameAcross.also = { at: init.at, why: init.why };
      this.#changed.add(sameAcross);
      return sameAcross;
    }
    const joined = last.find((row) => joins(row, init) && init.at - (this.#lastAt.get(row) ?? 0) <= joinMs);
    const row = joined ?? this.#add(init);
    if (joined !== undefined) {
      joined.count++;
      joined.bytes = init.bytes === undefined ? joined.bytes : (joined.bytes ?? 0) + init.bytes;
    }
    this.#lastAt.set(row, init.at);
    this.#changed.add(row);
    return row;
  }

  #add(init: NewRow): Row {
    const nothingYet = { count: 1, arrived: 0, lost: 0, quickestMs: undefined, slowestMs: undefined };
    const row: Row = { id: this.#nextId++, bytes: undefined, also: undefined, isKept: false, ...nothingYet, ...init };
    // Records of the two sides come different ways: what is told a little late stands where it belongs all the same.
    let place = this.#rows.length;
    while (place > 0 && place > this.#rows.length - joinRows && (this.#rows[place - 1] as Row).at > row.at) {
      place--;
    }
    this.#rows.splice(place, 0, row);
    if (this.#rows.length > this.#maxRows) {
      const gone = this.#rows.shift() as Row;
      this.#changed.delete(gone);
      if (this.#told.delete(gone)) {
        this.#removed.push(gone);
      }
    }
    return row;
  }
}

function onSide(kind: Row["kind"], side: Side, at: number): NewRow {
  return { kind, side, at, toward: undefined, facts: undefined, title: "", why: "" };
}

/** Whether a message is for the proxy at the other end itself, which tells nothing of it: nobody sees it arrive. */
function isAnnouncement({ case: kase }: MessageFacts): boolean {
  return kase === "agentRegistry" || kase === "agentReady";
}

/** Whether the same became of the connection at the other side a moment ago: both ends of it tell. */
function isSameAcross(row: Row, { kind, side, title, at }: NewRow): boolean {
  return (
    kind === "link" &&
    row.kind === "link" &&
    row.side !== side &&
    row.title === title &&
    row.also === undefined &&
    Math.abs(row.at - at) <= joinMs
  );
}

/** Whether something is like what a row shows. Attempts to connect are alike, whatever has failed. */
function joins(row: Row, init: NewRow): boolean {
  const isLike = row.kind === init.kind && row.side === init.side && row.title === init.title;
  if (init.facts === undefined || row.facts === undefined) {
    return isLike && init.title === linkTitles.connectFailed;
  }
  return (
    isLike &&
    row.toward === init.toward &&
    row.why === init.why &&
    row.isKept === (init.isKept ?? false) &&
    row.facts.target === init.facts.target &&
    isAlike(row.facts, init.facts)
  );
}
