import { show } from "./report.js";

/** A point with its quartiles. */
export interface Point {
  readonly x: number;
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
}

/** A curve, with axes of its own: across by powers of ten, up from 0. */
export interface Panel {
  readonly title: string;
  /** What the axis across counts. */
  readonly across: string;
  /** What the axis up measures, with its unit. */
  readonly up: string;
  readonly points: readonly Point[];
}

const width = 300;
const height = 240;
const margin = { left: 52, right: 26, top: 44, bottom: 48 };

/** Colors that can be seen on white and on black. */
const style = `
    text { font: 12px system-ui, sans-serif; fill: #57606a }
    .title { font-weight: 600 }
    .axis { stroke: #8c959f; fill: none }
    .grid { stroke: #8c959f; stroke-opacity: 0.25 }
    .curve { stroke: #1f6feb; stroke-width: 2; fill: none }
    .spread { stroke: #1f6feb; stroke-opacity: 0.6 }
    .point { fill: #1f6feb }
    @media (prefers-color-scheme: dark) { text { fill: #9ea7b3 } }`;

/** Draws panels side by side, as SVG. */
export function drawChart(label: string, panels: readonly Panel[]): string {
  const drawn = panels.map((panel, index) => `  <g transform="translate(${index * width} 0)">\n${draw(panel)}\n  </g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width * panels.length} ${height}" role="img" aria-label="${escapeText(label)}">
  <style>${style}
  </style>
${drawn.join("\n")}
</svg>
`;
}

function draw({ title, across, up, points }: Panel): string {
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(...points.map(({ x }) => x)))));
  const step = tickStep(Math.max(...points.map(({ q3 }) => q3)));
  const ticks = Math.ceil(Math.max(...points.map(({ q3 }) => q3)) / step);
  const toX = (x: number) => round(margin.left + (Math.log10(x) / decades) * (width - margin.left - margin.right));
  const bottom = height - margin.bottom;
  const toY = (y: number) => round(bottom - (y / (ticks * step)) * (bottom - margin.top));
  const right = width - margin.right;
  const lines = [
    text(margin.left, 18, title, "start", ` class="title"`),
    text(margin.left, 34, up, "start"),
    text((margin.left + right) / 2, height - 10, across, "middle"),
  ];
  for (let tick = 0; tick <= ticks; tick++) {
    const y = toY(tick * step);
    lines.push(`<path class="grid" d="M${margin.left} ${y}H${right}"/>`);
    lines.push(text(margin.left - 6, y + 4, trim(tick * step), "end"));
  }
  for (let decade = 0; decade <= decades; decade++) {
    const x = 10 ** decade;
    lines.push(`<path class="axis" d="M${toX(x)} ${bottom}v5"/>`);
    lines.push(text(toX(x), bottom + 18, x.toLocaleString("en").replace(",", " "), "middle"));
  }
  lines.push(`<path class="axis" d="M${margin.left} ${margin.top}V${bottom}H${right}"/>`);
  for (const { x, q1, q3 } of points) {
    lines.push(`<path class="spread" d="M${toX(x)} ${toY(q1)}V${toY(q3)}"/>`);
  }
  const curve = points.map(({ x, median }, index) => `${index === 0 ? "M" : "L"}${toX(x)} ${toY(median)}`);
  lines.push(`<path class="curve" d="${curve.join("")}"/>`);
  for (const { x, median } of points) {
    const what = `${x.toLocaleString("en").replace(",", " ")}: ${show(median)}`;
    lines.push(`<circle class="point" cx="${toX(x)}" cy="${toY(median)}" r="3"><title>${what}</title></circle>`);
  }
  return lines.map((line) => `    ${line}`).join("\n");
}

/** 1, 2 or 5 times a power of ten, so that there are four to ten steps up to a number. */
function tickStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  const share = most / power;
  return share <= 2 ? power / 5 : share <= 5 ? power / 2 : power;
}

function text(x: number, y: number, content: string, anchor: string, attributes = ""): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${attributes}>${escapeText(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function trim(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function escapeText(content: string): string {
  return content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
