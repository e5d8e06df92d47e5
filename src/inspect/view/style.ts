/**
 * How the view looks. It takes its colours from custom properties of the page, where there are any, and is laid out by the
 * room that it has, not by the window.
 */
export const style = `
:host { display: block; container-type: inline-size; color: var(--cb-text, #1c2430); min-block-size: 0; }
*, *::before, *::after { box-sizing: border-box; }
.view { display: flex; flex-direction: column; block-size: 100%; min-block-size: 0; font-size: 0.875rem; line-height: 1.35; }
.bar, .heads { flex: none; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 1rem; padding: 0.6rem 1rem;
  color: var(--cb-muted, #566072); border-block-end: 1px solid var(--cb-line, #dde2ea); }
.counts { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; list-style: none; flex: 1 1 auto;
  font-variant-numeric: tabular-nums; }
.counts b { color: var(--cb-text, #1c2430); font-weight: 600; }
.counts .bad b { color: var(--cb-danger, #b3261e); }
.tools { display: flex; align-items: center; gap: 0.9rem; }
label { display: inline-flex; align-items: center; gap: 0.4rem; min-block-size: 1.75rem; cursor: pointer; }
input { accent-color: var(--cb-accent, #2f5bd7); inline-size: 1rem; block-size: 1rem; margin: 0; }
button { font: inherit; font-weight: 550; color: var(--cb-text, #1c2430); background: var(--cb-surface, #fff);
  border: 1px solid var(--cb-control, #76808f); border-radius: 0.5rem; min-block-size: 1.9rem; padding: 0.1rem 0.75rem; cursor: pointer; }
button:hover { background: var(--cb-raised, #f3f5f9); }
button[aria-pressed="true"] { background: var(--cb-accent-soft, #e3eafc); border-color: var(--cb-accent, #2f5bd7); }
:focus-visible { outline: 2px solid var(--cb-accent, #2f5bd7); outline-offset: 2px; }
.heads { display: grid; grid-template-columns: minmax(0, 1fr) 10rem minmax(0, 1fr); padding: 0.5rem 1rem; gap: 0 0.5rem;
  border-block-end: 1px solid var(--cb-line, #dde2ea); }
.heads h3 { margin: 0; font-size: 0.8125rem; font-weight: 600; }
.heads p { margin: 0; font-size: 0.75rem; color: var(--cb-muted, #566072); }
.heads .right { text-align: end; }
.heads .mid { text-align: center; align-self: center; font-size: 0.75rem; color: var(--cb-muted, #566072); }
.scroll { flex: 1 1 auto; min-block-size: 8rem; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; }
.scroll:focus-visible { outline-offset: -2px; }
.empty { margin: 0; padding: 2.5rem 1rem; text-align: center; color: var(--cb-muted, #566072); }
ol { list-style: none; margin: 0; padding: 0.25rem 0; }
.row { position: relative; padding: 0.3rem 1rem; }
.row + .row { border-block-start: 1px solid var(--cb-hair, #eef1f5); }
.cells { display: grid; grid-template-columns: minmax(0, 1fr) 10rem minmax(0, 1fr); gap: 0 0.5rem; align-items: center; min-block-size: 2.25rem; }
.cell { min-inline-size: 0; }
.right-cell { text-align: end; }
.type { font-family: var(--cb-mono, ui-monospace, monospace); font-size: 0.8125rem; font-weight: 600; overflow-wrap: anywhere; }
.times { margin-inline-start: 0.35rem; padding: 0 0.35rem; border-radius: 0.6rem; font-size: 0.75rem; font-weight: 600;
  background: var(--cb-raised, #f3f5f9); color: var(--cb-muted, #566072); font-variant-numeric: tabular-nums; white-space: nowrap; }
.detail { font-size: 0.75rem; color: var(--cb-muted, #566072); overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.what:not([hidden]) + .time:not([hidden])::before { content: " · "; }
.ghost .type { font-weight: 450; color: var(--cb-muted, #566072); }
.mid-cell { text-align: center; font-size: 0.75rem; color: var(--cb-muted, #566072); font-variant-numeric: tabular-nums; }
.wire { position: relative; display: block; block-size: 0.75rem; margin-inline: 0.1rem; color: var(--cb-accent, #2f5bd7); }
.wire::before { content: ""; position: absolute; inset-inline: 0; inset-block-start: 50%; border-block-start: 1.5px solid currentColor; opacity: 0.55; }
.wire::after { content: ""; position: absolute; inset-block-start: calc(50% - 0.21rem); inline-size: 0.45rem; block-size: 0.45rem;
  border-block-start: 1.5px solid currentColor; border-inline-end: 1.5px solid currentColor; }
[data-toward="right"] .wire::after { inset-inline-end: 0; transform: rotate(45deg); }
[data-toward="left"] .wire { color: var(--cb-other, #0d7a6c); }
[data-toward="left"] .wire::after { inset-inline-start: 0; transform: rotate(-135deg); }
.dot { position: absolute; inset-block-start: calc(50% - 0.22rem); inline-size: 0.44rem; block-size: 0.44rem; border-radius: 50%;
  background: currentColor; opacity: 0; }
[data-pending="true"] .wire::before { border-block-start-style: dashed; }
[data-kind="refused"] .wire { color: var(--cb-danger, #b3261e); }
[data-kind="refused"] .wire::before { inset-inline: 0 50%; }
[data-kind="refused"][data-toward="left"] .wire::before { inset-inline: 50% 0; }
[data-kind="refused"] .wire::after { content: "✕"; inset-inline: calc(50% - 0.45rem) auto; inset-block-start: -0.15rem; transform: none; border: 0;
  inline-size: 0.9rem; block-size: 0.9rem; font-size: 0.8rem; line-height: 1; font-weight: 700; text-align: center; }
.why { margin: 0.1rem 0 0.2rem; font-size: 0.8125rem; overflow-wrap: anywhere; }
[data-kind="refused"] { background: var(--cb-danger-soft, #fdecea); }
[data-kind="refused"] .why, [data-kind="refused"] .type { color: var(--cb-danger, #b3261e); }
[data-kind="trouble"] { background: var(--cb-warn-soft, #fdf3dc); }
[data-kind="trouble"] .why, [data-kind="trouble"] .type { color: var(--cb-warn, #7a5200); }
[data-kind="link"] .type { font-family: inherit; }
[data-kind="link"] .why { display: none; }
[data-kind="link"] { background: var(--cb-raised, #f3f5f9); }
[data-side="right"]:not([data-toward]) .why, [data-kind="refused"][data-toward="left"] .why { text-align: end; }
.quiet .row[data-kind="local"] { display: none; }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
@media (prefers-reduced-motion: no-preference) {
  .row.new { animation: appear 180ms ease-out; }
  [data-toward="right"] .dot.go { animation: go-right 450ms ease-in-out; }
  [data-toward="left"] .dot.go { animation: go-left 450ms ease-in-out; }
}
@keyframes appear { from { opacity: 0; transform: translateY(4px); } }
@keyframes go-right { 0% { inset-inline-start: 0; opacity: 1; } 90% { opacity: 1; } 100% { inset-inline-start: calc(100% - 0.44rem); opacity: 0; } }
@keyframes go-left { 0% { inset-inline-start: calc(100% - 0.44rem); opacity: 1; } 90% { opacity: 1; } 100% { inset-inline-start: 0; opacity: 0; } }
@container (max-width: 34rem) {
  .bar, .heads { padding-inline: 0.75rem; }
  .heads { grid-template-columns: 1fr 2rem 1fr; }
  .heads .mid { font-size: 0; }
  .row:not([data-kind="link"]) .time { display: none; }
  .row { padding-inline: 0.75rem; }
  .cells { grid-template-columns: minmax(0, 1fr) 8.5rem; min-block-size: 0; }
  .row[data-toward="left"] .cells, .row[data-side="right"]:not([data-toward]) .cells { grid-template-columns: 8.5rem minmax(0, 1fr); }
  .cell:empty, .ghost { display: none; }
  .row[data-side="right"] .right-cell { grid-column: 2; }
  .row[data-toward="left"] .right-cell { display: block; }
}
@media (forced-colors: active) { .wire::before, .wire::after { forced-color-adjust: none; } }
`;
