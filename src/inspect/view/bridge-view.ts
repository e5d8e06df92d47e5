import type { TapRecord } from "../tap-record.js";
import { formatBytes } from "./format.js";
import type { Row, Side } from "./row.js";
import { add, type RowElement, rowElement } from "./row-element.js";
import { rowText } from "./row-text.js";
import { Rows } from "./rows.js";
import { style } from "./style.js";

/** One of the buses that a view shows. */
export interface ViewedBus {
  /** What it is called. */
  readonly name: string;
  /** More about it, in a line. Default: nothing. */
  readonly note?: string;
}

/** What a view is told. */
export interface BridgeViewOptions {
  readonly left: ViewedBus;
  /** The bus at the other end of the bridge. Default: there is a tap on one side alone. */
  readonly right?: ViewedBus;
  /** How many rows it shows; beyond that the oldest go. Default: 200. */
  readonly maxRows?: number;
}

/** A view of a bridge, from the taps at one end of it or at both. */
export interface BridgeView {
  /** Shows records of the tap at a side, in their order. */
  add(side: Side, records: readonly TapRecord[]): void;
  /** Counts records that are gone before anybody could read them. */
  skip(count: number): void;
  /** Says by how many milliseconds the clock of the right side is ahead, so that times of both can be compared. */
  setClockOffset(ms: number): void;
  /** Takes the view away. */
  close(): void;
}

/** How often the view changes where people want little motion, and says aloud that something was refused, in milliseconds. */
const calmMs = 1_000;

/**
 * Shows in an element of a page what a tap, or the two taps at the ends of a bridge, tell: each message as it crosses,
 * which way, its type, its size and how long it took, and what was refused and why. Records are plain JSON: those of
 * another process may come over any wire.
 *
 * It lives in a shadow root with a style sheet of its own, which no content security policy has to allow for. Colours are
 * custom properties of the page: `--cb-text`, `--cb-accent` and so on, in `style.ts`. Nothing of a record becomes markup.
 * The number of its elements is bounded. People can pause it; where they want little motion nothing moves, and it changes
 * once a second at most.
 *
 * It is a part of the package, not of an example, and knows of taps by their records alone: whoever builds an inspector
 * of running systems takes the same view.
 *
 * @example
 * const view = bridgeView(document.querySelector("#bridge"), { left: { name: "page" } });
 * tap.on("record", (record) => view.add("left", [record]));
 */
export function bridgeView(host: HTMLElement, options: BridgeViewOptions): BridgeView {
  const { left, right, maxRows = 200 } = options;
  const hasBoth = right !== undefined;
  const names = { left: left.name, right: right?.name ?? "the other side" };
  const rows = new Rows(maxRows);
  const elements = new Map<Row, RowElement>();
  const littleMotion = matchMedia("(prefers-reduced-motion: reduce)");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  let isPaused = false;
  let isClosed = false;

  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const view = add(root, "div", "view");
  const bar = add(view, "div", "bar");
  const counts = add(bar, "ul", "counts");
  const counters = {
    toRight: counter(counts, hasBoth ? `to ${names.right}` : "out"),
    toLeft: counter(counts, hasBoth ? `to ${names.left}` : "in"),
    bytes: counter(counts, "crossed"),
    refused: counter(counts, "refused"),
    notShown: counter(counts, "not shown"),
  };
  const tools = add(bar, "div", "tools");
  const onlyCrossing = checkbox(tools, "Only what crosses");
  const pause = add(tools, "button", "", "Pause");
  pause.type = "button";
  pause.ariaPressed = "false";
  const heads = add(view, "div", "heads");
  head(heads, "left", left);
  add(heads, "p", "mid", "the bridge");
  if (right !== undefined) {
    head(heads, "right", right);
  }
  const scroll = add(view, "div", "scroll");
  scroll.tabIndex = 0;
  scroll.role = "region";
  scroll.ariaLabel = "Messages, oldest first";
  const empty = add(scroll, "p", "empty", "Nothing has been sent yet. Messages appear here as they cross.");
  const list = add(scroll, "ol", "quiet");
  const said = add(view, "div", "hidden");
  said.role = "status";

  onlyCrossing.checked = true;
  onlyCrossing.addEventListener("change", () => {
    list.classList.toggle("quiet", onlyCrossing.checked);
    scroll.scrollTop = scroll.scrollHeight;
  });
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.ariaPressed = String(isPaused);
    pause.textContent = isPaused ? "Go on" : "Pause";
    render();
  });

  function schedule(): void {
    if (timer === undefined && !isClosed) {
      // Not a frame of animation: a page in the background has none, and must not fall behind.
      timer = setTimeout(
        () => {
          timer = undefined;
          rows.settle();
          render();
          if (rows.isWaiting) {
            schedule();
          }
        },
        littleMotion.matches ? calmMs : 32,
      );
    }
  }

  function render(): void {
    if (isPaused) {
      return;
    }
    const { changed, removed } = rows.takeChanges();
    const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
    for (const row of removed) {
      elements.get(row)?.element.remove();
      elements.delete(row);
    }
    let refused: Row | undefined;
    for (const row of changed) {
      let shown = elements.get(row);
      if (shown === undefined) {
        shown = rowElement(names, hasBoth);
        elements.set(row, shown);
        shown.element.classList.add("new");
        const after = rows.rows.slice(rows.rows.indexOf(row) + 1).find((other) => elements.has(other));
        list.insertBefore(shown.element, (after && elements.get(after)?.element) ?? null);
        refused = row.kind === "refused" ? row : refused;
      }
      shown.update(row, !littleMotion.matches);
    }
    // Who hears the page isn't told of each of many: whoever sends them may be somebody else.
    if (refused !== undefined && performance.now() - saidAt >= calmMs) {
      saidAt = performance.now();
      const { type, why } = rowText(refused, names, hasBoth);
      said.textContent = `${type}: ${why}`;
    }
    empty.hidden = elements.size > 0;
    const { toRight, toLeft, bytes, refused: refusedCount, notShown } = rows.totals;
    counters.toRight(String(toRight));
    counters.toLeft(String(toLeft));
    counters.bytes(formatBytes(bytes));
    counters.refused(String(refusedCount), refusedCount > 0);
    counters.notShown(notShown === 0 ? "" : String(notShown));
    if (isAtEnd) {
      scroll.scrollTop = scroll.scrollHeight;
    }
  }

  return {
    add(side, records) {
      if (isClosed) {
        return;
      }
      for (const record of records) {
        rows.add(side, record);
      }
      schedule();
    },
    skip(count) {
      rows.skip(count);
      schedule();
    },
    setClockOffset: (ms) => rows.setClockOffset(ms),
    close() {
      isClosed = true;
      clearTimeout(timer);
      root.replaceChildren();
    },
  };
}

/** A count with a name. One without a value isn't shown. */
function counter(parent: HTMLElement, name: string): (value: string, isBad?: boolean) => void {
  const item = add(parent, "li", "");
  const value = add(item, "b", "");
  item.append(` ${name}`);
  return (text, isBad = false) => {
    value.textContent = text;
    item.hidden = text === "";
    item.classList.toggle("bad", isBad);
  };
}

function checkbox(parent: HTMLElement, name: string): HTMLInputElement {
  const label = add(parent, "label", "");
  const box = add(label, "input", "");
  box.type = "checkbox";
  label.append(name);
  return box;
}

function head(parent: HTMLElement, side: Side, { name, note = "" }: ViewedBus): void {
  const element = add(parent, "div", side);
  add(element, "h3", "", name);
  add(element, "p", "", note);
}
