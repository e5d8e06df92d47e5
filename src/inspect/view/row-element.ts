import { formatTime } from "./format.js";
import type { Row, Side } from "./row.js";
import { type RowText, rowText } from "./row-text.js";

/** An element of the list, and what updates it. */
export interface RowElement {
  readonly element: HTMLLIElement;
  /** Shows what the row is now. `moves` says whether something may move. */
  update(row: Row, moves: boolean): void;
}

/** Makes the element of a row. What is seen is hidden from those who hear it: they get a sentence. */
export function rowElement(names: Readonly<Record<Side, string>>, hasBoth: boolean): RowElement {
  const element = document.createElement("li");
  element.className = "row";
  const spoken = add(element, "span", "hidden");
  const seen = add(element, "div", "");
  seen.ariaHidden = "true";
  const cells = add(seen, "div", "cells");
  const left = add(cells, "div", "cell left-cell");
  const middle = add(cells, "div", "cell mid-cell");
  const right = add(cells, "div", "cell right-cell");
  const why = add(seen, "p", "why");
  let dot: HTMLElement | undefined;

  function update(row: Row, moves: boolean): void {
    const text = rowText(row, names, hasBoth);
    const { kind, side, toward } = row;
    element.dataset["kind"] = kind;
    element.dataset["side"] = side;
    if (toward !== undefined) {
      element.dataset["toward"] = toward;
    }
    element.dataset["pending"] = String(hasBoth && ["kept", "on its way"].includes(text.latency));
    spoken.textContent = text.spoken;
    const [near, far] = side === "left" ? [left, right] : [right, left];
    fill(near, text, kind === "link" ? text.why : text.route);
    if (kind === "crossing" && hasBoth && row.arrived > 0) {
      far.classList.add("ghost");
      fill(far, { type: text.type, times: row.arrived > 1 ? `×${row.arrived}` : "", time: "" }, "arrived");
    }
    if (row.also !== undefined) {
      fill(far, { type: text.type, times: "", time: formatTime(row.also.at) }, row.also.why);
    }
    if (toward !== undefined && dot === undefined) {
      const wire = add(middle, "span", "wire");
      dot = add(wire, "span", "dot");
      add(middle, "span", "size");
    }
    const size = middle.querySelector(".size");
    if (size !== null) {
      size.textContent = kind === "refused" ? "refused" : [text.size, text.latency].filter((part) => part).join(" · ");
    }
    why.textContent = text.why;
    why.hidden = text.why === "" || kind === "link";
    if (moves && kind === "crossing" && dot !== undefined && dot.getAnimations().length === 0) {
      dot.classList.remove("go");
      // Reading the layout has the animation start over.
      void dot.offsetWidth;
      dot.classList.add("go");
    }
  }
  return { element, update };
}

function fill(cell: HTMLElement, text: Pick<RowText, "type" | "times" | "time">, detail: string): void {
  if (cell.childElementCount === 0) {
    const line = add(cell, "div", "");
    add(line, "span", "type");
    add(line, "span", "times");
    const more = add(cell, "div", "detail");
    add(more, "span", "what");
    add(more, "span", "time");
  }
  const parts = { type: text.type, times: text.times, what: detail, time: text.time };
  for (const [className, value] of Object.entries(parts)) {
    const part = cell.querySelector<HTMLElement>(`.${className}`);
    if (part !== null) {
      part.textContent = value;
      part.hidden = value === "";
    }
  }
}

/** Makes an element at the end of another. */
export function add<Name extends keyof HTMLElementTagNameMap>(
  parent: Node,
  name: Name,
  className: string,
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== "") {
    element.className = className;
  }
  element.textContent = text;
  parent.appendChild(element);
  return element;
}
