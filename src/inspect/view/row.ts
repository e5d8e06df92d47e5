import type { MessageFacts } from "../tap-record.js";

/** One of the two buses that are shown side by side. */
export type Side = "left" | "right";

/** What a row is about: a message that stays on a bus, one that crosses, one that doesn't, or the connection. */
export type RowKind = "local" | "crossing" | "refused" | "trouble" | "link";

/** A row of the view. Messages of one type that follow each other closely share a row. */
export interface Row {
  readonly id: number;
  readonly kind: RowKind;
  /** The bus that it happened on; of a crossing, the one that the message comes from. */
  readonly side: Side;
  /** Where the message goes; undefined for what doesn't leave its bus. */
  readonly toward: Side | undefined;
  /** The first message; undefined where there is none. */
  readonly facts: MessageFacts | undefined;
  /** When it was seen, in milliseconds since the epoch, by the clock of the left side. */
  readonly at: number;
  /** What happened, in a word or two, where that isn't that a message was sent or crosses. */
  readonly title: string;
  readonly why: string;
  /** When and why the same became of the connection at the other side; undefined while nothing is known of that. */
  also: { readonly at: number; readonly why: string } | undefined;
  /** Whether the link kept it for the next connection. */
  readonly isKept: boolean;
  /** How many messages. */
  count: number;
  /** Their bytes; undefined where nobody knows. */
  bytes: number | undefined;
  /** How many were seen to arrive at the other side, and how many won't. */
  arrived: number;
  lost: number;
  /** How long the quickest one and the slowest one took to the other side, in milliseconds; undefined before one has. */
  quickestMs: number | undefined;
  slowestMs: number | undefined;
}

/** The side across from one. */
export function across(side: Side): Side {
  return side === "left" ? "right" : "left";
}
