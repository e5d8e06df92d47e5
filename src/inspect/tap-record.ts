import type { DenyRule } from "../proxy/policy.js";
import type { CrossingDirection } from "../proxy/proxy-agent.js";

/** What is told of a message: its envelope and its type, never its content. */
export interface MessageFacts {
  /** The same for all records of one message, and of no other of this tap; undefined where only its envelope was seen. */
  readonly message?: number | undefined;
  readonly source: string;
  /** Undefined for a message to all. */
  readonly target?: string | undefined;
  /** The case of the message, for instance `"frame"`; for one with live references what it calls itself. */
  readonly case: string;
  /** The kind of the frame, in case `frame`. */
  readonly kind?: string | undefined;
  /** The name of the application's or Python's type, where there is one. */
  readonly typeName?: string | undefined;
  /** Whether a frame goes against the media's direction; undefined for what isn't a frame, and where it wasn't read. */
  readonly isUpstream?: boolean | undefined;
}

/** What happened to a message, or to a bridge. */
export type TapEvent =
  /** A message is on the bus. Its size isn't known: nobody has encoded it. */
  | (MessageFacts & { readonly event: "sent" })
  /** A message has crossed a bridge. */
  | (MessageFacts & {
      readonly event: "crossed";
      readonly bridge: string;
      readonly direction: CrossingDirection;
      /** The encoded size. */
      readonly bytes: number;
      /** How long a message that goes out was on the bus before, in milliseconds; undefined where that wasn't seen. */
      readonly waitedMs?: number | undefined;
      /** Whether the connection was lost, so that the link keeps what goes out for the next one. */
      readonly isKept: boolean;
    })
  /** The policy of a bridge denied a message: the rule that it broke, and what that means. */
  | (MessageFacts & {
      readonly event: "denied";
      readonly bridge: string;
      readonly direction: CrossingDirection;
      readonly rule: DenyRule;
      readonly why: string;
    })
  /** A message didn't get to where it should: the name of the status code, and the reason. */
  | (MessageFacts & {
      readonly event: "undelivered";
      readonly bridge?: string | undefined;
      readonly code: string;
      readonly why: string;
    })
  /** A full queue dropped a media frame. */
  | (MessageFacts & { readonly event: "dropped"; readonly subscriber: string })
  /** A bridge dropped what nobody here can know. */
  | {
      readonly event: "invalid";
      readonly bridge: string;
      readonly direction: CrossingDirection;
      readonly bytes: number;
      readonly why: string;
    }
  /** What became of the connection of a bridge. */
  | { readonly event: "connected"; readonly bridge: string }
  | { readonly event: "resumed"; readonly bridge: string; readonly outageMs: number }
  | {
      readonly event: "suspended" | "disconnected" | "connectFailed" | "failed";
      readonly bridge: string;
      readonly code: string;
      readonly why: string;
    };

/** A record of a tap: plain JSON. */
export type TapRecord = TapEvent & {
  /** Counts the records of a tap, from 1. */
  readonly number: number;
  /** When it was seen, in milliseconds since the epoch. */
  readonly at: number;
  /** The name of the tap. */
  readonly tap: string;
  /** How many messages the rate limit left out since the record before. */
  readonly leftOut: number;
};
