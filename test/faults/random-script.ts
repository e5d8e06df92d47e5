import { integerUpTo, seeded } from "../../src/testing/random.js";

/** One step of a script. Times are in milliseconds of a clock that the runner may run faster. */
export type Step =
  | {
      readonly type: "send";
      readonly side: "client" | "server";
      readonly kinds: readonly Kind[];
      readonly size: number;
    }
  | { readonly type: "cut"; readonly ends: "both" | "near" | "far" }
  | { readonly type: "truncate" }
  | { readonly type: "halfOpen"; readonly direction: "in" | "out" | "both"; readonly forMs: number }
  | { readonly type: "delay"; readonly ms: number; readonly jitterMs: number; readonly forMs: number }
  | { readonly type: "throttle"; readonly bytesPerSecond: number; readonly forMs: number }
  | { readonly type: "duplicate" }
  | { readonly type: "refuse"; readonly forMs: number }
  | { readonly type: "restart" }
  | { readonly type: "pause" | "resume"; readonly side: "client" | "server" }
  | { readonly type: "wait"; readonly ms: number };

/** What is sent: in the system lane, in the data lane, or in the data lane for a while only. */
export type Kind = "system" | "data" | "audio";

/** Makes a script of a seed: mostly sending and waiting, with all that can go wrong in between. */
export function randomScript(seed: number): readonly Step[] {
  const random = seeded(seed);
  const integer = (from: number, to: number) => from + integerUpTo(to - from, random);
  const one = <T>(items: readonly T[]): T => items[integer(0, items.length - 1)] as T;
  const side = () => one(["client", "server"] as const);
  const forMs = () => one([50, 500, 3_000, 12_000, 40_000]);
  const send = (): Step => ({
    type: "send",
    side: side(),
    kinds: Array.from({ length: one([1, 1, 3, 10, 40]) }, () => one(["system", "data", "data", "audio"] as const)),
    // Around the size of a fragment, and of the windows.
    size: one([0, 10, 1_000, 16_384, 16_385, 40_000, 200_000]),
  });
  const makers: readonly (readonly [weight: number, make: () => Step])[] = [
    [12, send],
    [8, () => ({ type: "wait", ms: one([0, 1, 20, 60, 300, 2_000, 7_000]) })],
    [4, () => ({ type: "cut", ends: one(["both", "near", "far"] as const) })],
    [1, () => ({ type: "truncate" })],
    [2, () => ({ type: "halfOpen", direction: one(["in", "out", "both"] as const), forMs: forMs() })],
    [2, () => ({ type: "delay", ms: integer(1, 400), jitterMs: integer(0, 200), forMs: forMs() })],
    [1, () => ({ type: "throttle", bytesPerSecond: one([20_000, 200_000, 2_000_000]), forMs: forMs() })],
    [1, () => ({ type: "duplicate" })],
    [1, () => ({ type: "refuse", forMs: one([100, 3_000, 40_000]) })],
    [1, () => ({ type: "restart" })],
    [2, () => ({ type: "pause", side: side() })],
    [3, () => ({ type: "resume", side: side() })],
  ];
  const total = makers.reduce((sum, [weight]) => sum + weight, 0);
  return Array.from({ length: integer(3, 30) }, () => {
    let left = random() * total;
    for (const [weight, make] of makers) {
      left -= weight;
      if (left < 0) {
        return make();
      }
    }
    return send();
  });
}
