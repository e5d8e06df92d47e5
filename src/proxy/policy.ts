import type { DescMessage } from "@bufbuild/protobuf";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { invalidArgument } from "../base/status.js";
import type { Peeked } from "../codec/codec.js";
import type { Offer } from "../link/link.js";
import { bodyTraits, frameTraits } from "../message/case-traits.js";
import { customTypeName } from "../message/custom-schema.js";
import { type ForwardEntry, isForwardableCase } from "../message/forward.js";
import { checkAgentName } from "../message/names.js";
import type { BodyCase, FrameKind } from "../message/types.js";
import { numbersOf } from "./offers.js";

/** What a policy is made of. */
export interface PolicyOptions {
  /** Which end of the bridge the proxy is. Activation crosses from the client to the server alone. */
  readonly side: "client" | "server";
  readonly localAgentName: string;
  readonly remoteAgentName: string;
  /** Default: nothing. */
  readonly forwardMessages?: readonly ForwardEntry[] | undefined;
  /** Whether activation of the server's agent crosses. Default: true. */
  readonly forwardActivation?: boolean | undefined;
}

/**
 * The rule that a denied message broke:
 *
 * - `source`: it comes from another agent than the one that may send.
 * - `target`: it is for another agent than the one that may be reached, or for all in a case that doesn't travel so.
 * - `case`, `kind`, `type`: the case, the kind of frame, or the application's or Python's type isn't in
 *   `forwardMessages`.
 * - `direction`: its case crosses in the other direction only.
 * - `provenance`: the link itself delivered it.
 * - `local`: it carries live references.
 * - `announcement`: it announces agents, but not the remote agent.
 * - `peer`: the peer has said that it doesn't take it.
 */
export type DenyRule =
  | "source"
  | "target"
  | "case"
  | "kind"
  | "type"
  | "direction"
  | "provenance"
  | "local"
  | "announcement"
  | "peer";

/**
 * What a policy says of a message: it crosses, it is none of the proxy's business, or it broke a rule. An
 * `announcement` that comes in is for the proxy itself, which denies what doesn't announce the remote agent.
 */
export type Verdict = "allow" | "ignore" | DenyRule;

/**
 * Decides which messages cross a bridge. Everything that isn't allowed is denied.
 *
 * It is asked of each message of each session, so that all it goes by is in one object.
 */
export class Policy {
  /**
   * The schemas of the application's own messages that may cross, by the name of their type.
   */
  readonly customTypes: ReadonlyMap<string, DescMessage>;
  /** The Python classes without a schema here that may cross. */
  readonly pythonTypes: ReadonlySet<string>;
  readonly #isClient: boolean;
  readonly #localAgentName: string;
  readonly #remoteAgentName: string;
  readonly #forwardActivation: boolean;
  readonly #cases: ReadonlySet<BodyCase>;
  readonly #kinds: ReadonlySet<FrameKind>;

  /**
   * Throws INVALID_ARGUMENT for a bad name, for equal names, and for an entry of `forwardMessages` that isn't one or can't
   * be forwarded.
   */
  constructor(options: PolicyOptions) {
    const { side, localAgentName, remoteAgentName, forwardMessages = [], forwardActivation = true } = options;
    const localOption = side === "client" ? "localAgentName" : "agentName";
    checkAgentName(localOption, localAgentName);
    checkAgentName("remoteAgentName", remoteAgentName);
    if (localAgentName === remoteAgentName) {
      throw invalidArgument("remoteAgentName", remoteAgentName, `must differ from ${localOption}`);
    }
    if (typeof forwardActivation !== "boolean") {
      throw invalidArgument("forwardActivation", forwardActivation, "must be true or false");
    }
    const { cases, kinds, customTypes, pythonTypes } = readEntries(forwardMessages);
    this.#isClient = side === "client";
    this.#localAgentName = localAgentName;
    this.#remoteAgentName = remoteAgentName;
    this.#forwardActivation = forwardActivation;
    this.#cases = cases;
    this.#kinds = kinds;
    this.customTypes = customTypes;
    this.pythonTypes = pythonTypes;
  }

  /** What crosses out, as it is told to the peer. */
  get sends(): Offer {
    return this.#offer(this.#remoteAgentName, true);
  }

  /** What crosses in, as it is told to the peer. */
  get takes(): Offer {
    return this.#offer(this.#localAgentName, false);
  }

  /** Judges a message on the local bus. */
  outbound(message: BusMessage): Verdict {
    const body = message.body;
    if (body.case === undefined) {
      return "ignore";
    }
    if (message.target === undefined) {
      if (message.source !== this.#localAgentName || !bodyTraits[body.case].untargeted) {
        return "ignore";
      }
    } else if (message.target !== this.#remoteAgentName) {
      return "ignore";
    } else if (message.source !== this.#localAgentName) {
      return "source";
    }
    return this.#content(describeMessage(message), true);
  }

  /** Judges a message that came over the link. */
  inbound(message: Peeked): Exclude<Verdict, "ignore"> {
    if (bodyTraits[message.case].forwarding === "announcement") {
      return "announcement";
    }
    if (message.source !== this.#remoteAgentName) {
      return "source";
    }
    if (message.target === undefined ? !bodyTraits[message.case].untargeted : message.target !== this.#localAgentName) {
      return "target";
    }
    return this.#content(message, false);
  }

  #offer(agent: string, outbound: boolean): Offer {
    const isActivating = this.#forwardActivation && this.#isClient === outbound;
    const activation: readonly BodyCase[] = isActivating ? ["activateAgent", "deactivateAgent"] : [];
    return {
      agents: [agent],
      cases: numbersOf(bodyTraits, [...this.#cases, ...activation]),
      frameKinds: numbersOf(frameTraits, this.#kinds),
      customTypes: [...this.customTypes.keys()],
      pythonTypes: [...this.pythonTypes],
    };
  }

  /** Whether what a message carries may cross. */
  #content(message: Peeked, outbound: boolean): "allow" | DenyRule {
    const { case: body, kind, typeName = "" } = message;
    if (body === "custom") {
      return this.customTypes.has(typeName) ? "allow" : "type";
    }
    if (body === "other" || kind === "other") {
      return this.pythonTypes.has(typeName) ? "allow" : "type";
    }
    if (body === "frame") {
      return kind !== undefined && this.#kinds.has(kind) ? "allow" : "kind";
    }
    if (this.#forwardActivation && bodyTraits[body].forwarding === "activation") {
      return this.#isClient === outbound ? "allow" : "direction";
    }
    return this.#cases.has(body) ? "allow" : "case";
  }
}

/** Reads of a message what a codec's peek reads of its bytes. Throws INVALID_ARGUMENT for one without a body. */
export function describeMessage(message: BusMessage): Peeked {
  const { source, target, body } = message;
  let kind: FrameKind | undefined;
  let typeName: string | undefined;
  switch (body.case) {
    case undefined:
      throw invalidArgument("message.body", body.case, "must be set");
    case "frame": {
      const content = body.value.frame?.kind;
      kind = content?.case;
      typeName = content?.case === "other" ? content.value.typeName : undefined;
      break;
    }
    case "custom":
      typeName = customTypeName(body.value.message?.typeUrl ?? "");
      break;
    case "other":
      typeName = body.value.typeName;
      break;
  }
  return { source, target, case: body.case, kind, typeName };
}

/** Everything that `forwardMessages` lets across. */
interface Allowed {
  readonly cases: ReadonlySet<BodyCase>;
  readonly kinds: ReadonlySet<FrameKind>;
  readonly customTypes: ReadonlyMap<string, DescMessage>;
  readonly pythonTypes: ReadonlySet<string>;
}

const entryRule = "must be a case that can be forwarded, frameKind(…), pythonType(…), or a schema";

function readEntries(entries: readonly ForwardEntry[]): Allowed {
  if (!Array.isArray(entries)) {
    throw invalidArgument("forwardMessages", entries, "must be an array");
  }
  const cases = new Set<BodyCase>();
  const kinds = new Set<FrameKind>();
  let hasOrdinary = false;
  const customTypes = new Map<string, DescMessage>();
  const pythonTypes = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const field = `forwardMessages[${index}]`;
    if (typeof entry === "string") {
      if (!isForwardableCase(entry)) {
        throw invalidArgument(field, entry, entryRule);
      }
      if (entry === "frame") {
        hasOrdinary = true;
      } else {
        cases.add(entry);
      }
      continue;
    }
    switch (entry?.kind) {
      case "frameKind":
        if (!Object.hasOwn(frameTraits, entry.frameKind)) {
          throw invalidArgument(field, entry.frameKind, "must be a kind of frame");
        }
        kinds.add(entry.frameKind);
        break;
      case "pythonType":
        checkTypeName(field, entry.typeName);
        pythonTypes.add(entry.typeName);
        break;
      case "message":
        checkTypeName(field, entry.typeName);
        if (entry.typeName.startsWith("crossbus.v1.")) {
          throw invalidArgument(field, entry.typeName, "must be a message type of your own, or the name of a case");
        }
        customTypes.set(entry.typeName, entry);
        break;
      default:
        throw invalidArgument(field, entry, entryRule);
    }
  }
  return { cases, kinds: hasOrdinary ? andOrdinary(kinds) : kinds, customTypes, pythonTypes };
}

/** An entry need not come from a builder. */
function checkTypeName(field: string, typeName: unknown): void {
  if (typeof typeName !== "string" || typeName === "") {
    throw invalidArgument(`${field}.typeName`, typeName, "must be the name of a type");
  }
}

let ordinary: ReadonlySet<FrameKind> | undefined;

/**
 * The kinds that `"frame"` stands for, which are all with fields of their own but those that start or end things, and these.
 * The former are collected once, since a server has a policy for each of its sessions.
 */
function andOrdinary(kinds: ReadonlySet<FrameKind>): ReadonlySet<FrameKind> {
  const isOrdinary = (kind: FrameKind) => kind !== "other" && !frameTraits[kind].lifecycle;
  ordinary ??= new Set((Object.keys(frameTraits) as FrameKind[]).filter(isOrdinary));
  return kinds.size === 0 ? ordinary : new Set([...ordinary, ...kinds]);
}
