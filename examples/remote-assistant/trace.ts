import { Direction, formatStatus, type ProxyClientAgent } from "crossbus";

/** Notes what crosses a bridge, and what doesn't. */
export interface Trace {
  /** The lines since the last call. Messages of one kind in a row make one line. */
  lines(): readonly string[];
  /** What crossed in all. */
  summary(): string;
}

/** Begins to trace a proxy. */
export function trace(proxy: ProxyClientAgent): Trace {
  let run: { readonly what: string; count: number; bytes: number } | undefined;
  let lines: string[] = [];
  const print = (line: string) => lines.push(line);

  function flush(): void {
    if (run !== undefined) {
      print(`crossed ${run.what}${run.count > 1 ? ` x ${run.count}` : ""} (${run.bytes} bytes)`);
      run = undefined;
    }
  }

  proxy.on("crossed", ({ body }, direction, bytes) => {
    const arrow = direction === "out" ? "-->" : "<--";
    const upstream = body.case === "frame" && body.value.direction === Direction.UPSTREAM ? " upstream" : "";
    const what = `${arrow} ${body.case}${body.case === "frame" ? ` ${body.value.frame?.kind.case}${upstream}` : ""}`;
    if (run?.what !== what) {
      flush();
      run = { what, count: 0, bytes: 0 };
    }
    run.count++;
    run.bytes += bytes;
  });
  proxy.on("denied", ({ case: denied, rule, source, target, direction }) => {
    flush();
    print(`the policy refused ${denied} from ${source} to ${target} (${direction}, rule ${rule})`);
  });
  proxy.on("undelivered", ({ body }, status) => {
    flush();
    print(`undelivered ${body.case}: ${formatStatus(status)}`);
  });
  return {
    lines() {
      flush();
      const noted = lines;
      lines = [];
      return noted;
    },
    summary() {
      const { crossedIn, crossedOut, denied } = proxy.stats;
      return `crossed: ${crossedOut} messages out, ${crossedIn} in; the policy refused ${denied}`;
    },
  };
}
