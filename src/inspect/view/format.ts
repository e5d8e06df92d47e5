import type { MessageFacts } from "../tap-record.js";

/** Shows a number of bytes: `312 B`, `4.2 kB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) {
    return `${bytes} B`;
  }
  return bytes < 999_500 ? `${short(bytes / 1_000)} kB` : `${short(bytes / 1_000_000)} MB`;
}

/** Shows a duration: `<1 ms`, `12 ms`, `4.2 s`, `2 min`. */
export function formatMs(ms: number): string {
  if (ms < 1) {
    return "<1 ms";
  }
  if (ms < 999.5) {
    return `${Math.round(ms)} ms`;
  }
  return ms < 99_950 ? `${short(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** Shows a range of durations: `3–48 ms`, or one where they look the same. */
export function formatRange(fromMs: number, toMs: number): string {
  const [from, to] = [formatMs(fromMs), formatMs(toMs)];
  const unit = / \w+$/.exec(to)?.[0] ?? "";
  return from === to ? to : `${from.endsWith(unit) ? from.slice(0, -unit.length) : from}–${to}`;
}

/** Shows a time of day, in the reader's time zone: `14:03:07.125`. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${parts.join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Names the type of a message: of a frame its kind, of a class or a type of others its own name. */
export function typeOf({ case: kase, kind, typeName }: MessageFacts): string {
  const ownName = typeName?.split(".").at(-1);
  return ownName === undefined || ownName === "" ? (kind ?? kase) : ownName;
}

function short(value: number): string {
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}
