/** What a page knows of its connection to the assistant. */
export interface ConnectionState {
  readonly phase: "connecting" | "connected" | "suspended" | "failed" | "unknown";
  /** Since when the connection is lost, in milliseconds since the epoch; undefined while it isn't. */
  readonly lostAt: number | undefined;
  /** How many messages were kept since the connection was lost the last time, on their way from the page and to it. */
  readonly keptOut: number;
  readonly keptIn: number;
  /** How the last outage ended: how long it took, or why the session began anew. */
  readonly resumedAfterMs: number | undefined;
  readonly resetBecause: string | undefined;
  /** Why there is no connection. */
  readonly why: string;
}

/** What happens to a connection. */
export type ConnectionEvent =
  | { readonly event: "connected" }
  | { readonly event: "suspended"; readonly at: number; readonly why: string }
  | { readonly event: "kept"; readonly direction: "in" | "out" }
  | { readonly event: "resumed"; readonly outageMs: number }
  | { readonly event: "disconnected"; readonly at: number; readonly why: string }
  | { readonly event: "connectFailed"; readonly why: string }
  | { readonly event: "failed"; readonly why: string }
  | { readonly event: "unknown" };

export const connecting: ConnectionState = {
  phase: "connecting",
  lostAt: undefined,
  keptOut: 0,
  keptIn: 0,
  resumedAfterMs: undefined,
  resetBecause: undefined,
  why: "",
};

/** Whether there will be no connection any more, until the page is loaded again. */
export function isOver({ phase }: ConnectionState): boolean {
  return phase === "failed" || phase === "unknown";
}

/** The state after something has happened. One that is over stays: attempts to connect may still go wrong after it. */
export function next(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (isOver(state)) {
    return state;
  }
  switch (event.event) {
    case "connected":
      return { ...connecting, phase: "connected", resetBecause: state.resetBecause };
    case "suspended":
      return { ...connecting, phase: "suspended", lostAt: event.at, why: event.why };
    case "kept":
      // The other side tells of what it kept when it can, which may be after the link has resumed.
      return event.direction === "out"
        ? { ...state, keptOut: state.keptOut + 1 }
        : { ...state, keptIn: state.keptIn + 1 };
    case "resumed":
      return { ...state, phase: "connected", lostAt: undefined, resumedAfterMs: event.outageMs, why: "" };
    case "disconnected":
      return { ...connecting, lostAt: event.at, resetBecause: event.why, why: event.why };
    case "connectFailed":
      return { ...state, why: event.why };
    case "failed":
      return { ...state, phase: "failed", why: event.why };
    case "unknown":
      return { ...state, phase: "unknown" };
  }
}

/** What people are told of a state. */
export interface ConnectionText {
  readonly tone: "good" | "busy" | "bad";
  readonly title: string;
  readonly note: string;
}

/**
 * Says what a state is.
 *
 * @param resumes Whether the link outlives its connections; plain ones, to Python, don't.
 */
export function connectionText(state: ConnectionState, resumes: boolean): ConnectionText {
  const { phase, keptOut, keptIn, resumedAfterMs, resetBecause, why } = state;
  switch (phase) {
    case "connecting":
      return resetBecause === undefined
        ? { tone: "busy", title: "Connecting", note: why === "" ? "" : `No connection yet: ${why}` }
        : { tone: "bad", title: "Connecting again", note: `The session is over: ${resetBecause}` };
    case "suspended":
      return {
        tone: "bad",
        title: "Connection lost",
        note: `Nothing is lost: both sides keep what they send. Kept so far: ${kept(keptOut, keptIn)}.`,
      };
    case "failed":
      return { tone: "bad", title: "Disconnected", note: `${why} Load the page again to start over.` };
    case "unknown":
      return { tone: "bad", title: "The server has started anew", note: "Load the page again to go on." };
    case "connected":
      if (resumedAfterMs !== undefined) {
        const seconds = (resumedAfterMs / 1_000).toFixed(1);
        const replayed =
          keptOut + keptIn === 0 ? "Nothing was on its way" : `Replayed in order: ${kept(keptOut, keptIn)}`;
        return {
          tone: "good",
          title: "Resumed",
          note: `The session went on after ${seconds} s. ${replayed}; nothing was lost.`,
        };
      }
      if (resetBecause !== undefined) {
        return {
          tone: "good",
          title: "Connected anew",
          note: `A new session has begun. The one before is over: ${resetBecause}`,
        };
      }
      return {
        tone: "good",
        title: "Connected",
        note: resumes
          ? "Cut the network and keep typing: the session outlives its connection."
          : "A plain link, as Python peers speak it: a connection that is lost ends the session.",
      };
  }
}

function kept(out: number, inward: number): string {
  const messages = (count: number) => `${count} ${count === 1 ? "message" : "messages"}`;
  return `${messages(out)} from here, ${messages(inward)} from the assistant`;
}
