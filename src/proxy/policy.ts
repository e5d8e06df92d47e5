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
import { caseNumbers, kindNumbers } from "./offers.js";

/** What a policy is made of. */
export interface PolicyOptions {
  /** Which end of the bridge the proxy is. Activation crosses from the client to the server alone. */
  readonly side: "client" | "server";
  readonly localAgentName: string;
  readonly remoteAgentName: string;
  readonly forwardMessages: readonly ForwardEntry[];
  /** Whether activation of the server's agent crosses. */
  readonly forwardActivation: boolean;
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
  /** What crosses out, and what crosses in, as it is told to the peer. */
  readonly sends: Offer;
  readonly takes: Offer;
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
  constructor({ side, localAgentName, remoteAgentName, forwardMessages, forwardActivation }: PolicyOptions) {
    checkNames(side === "client" ? "localAgentName" : "agentName", localAgentName, remoteAgentName);
    if (typeof forwardActivation !== "boolean") {
      throw invalidArgument("forwardActivation", forwardActivation, "must be true or false");
    }
    const { cases, kinds, customTypes, pythonTypes } = readEntries(forwardMessages);
    this.#isClient = side === "client";
    this.#localAgentName = localAgentName;
    this.#remoteAgentName = remoteAgentName;
    this.#forwardActivation = forwardActivation;
    this.#cases = cases;
    this.#kinds = kinds.names;
    this.customTypes = customTypes;
    this.pythonTypes = pythonTypes;
    const offer = (agent: string, isSender: boolean): Offer => {
      const isActivating = forwardActivation && this.#isClient === isSender;
      const activation: readonly BodyCase[] = isActivating ? ["activateAgent", "deactivateAgent"] : [];
      return {
        agents: [agent],
        cases: caseNumbers([...cases, ...activation]),
        frameKinds: kinds.numbers,
        customTypes: [...customTypes.keys()],
        pythonTypes: [...pythonTypes],
      };
    };
    this.sends = offer(remoteAgentName, true);
    this.takes = offer(localAgentName, false);
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

  /** Whether what a message carries may cross. */
  #content(message: Peeked, outbound: boolean): "allow" | DenyRule {
    switch (message.case) {
      case "frame":
        if (message.kind === "other") {
          return this.pythonTypes.has(message.typeName ?? "") ? "allow" : "type";
        }
        return message.kind !== undefined && this.#kinds.has(message.kind) ? "allow" : "kind";
      case "custom":
        return this.customTypes.has(message.typeName ?? "") ? "allow" : "type";
      case "other":
        return this.pythonTypes.has(message.typeName ?? "") ? "allow" : "type";
      default:
        if (bodyTraits[message.case].forwarding === "activation") {
          if (!this.#forwardActivation) {
            return "case";
          }
          return this.#isClient === outbound ? "allow" : "direction";
        }
        return this.#cases.has(message.case) ? "allow" : "case";
    }
  }
}

/** Reads of a message what a codec's peek reads of its bytes. Throws INVALID_ARGUMENT for one without a body. */
export function describeMessage(message: BusMessage): Peeked {
  const { source, target, body } = message;
  switch (body.case) {
    case undefined:
      throw invalidArgument("message.body", body.case, "must be set");
    case "frame": {
      const kind = body.value.frame?.kind;
      const typeName = kind?.case === "other" ? kind.value.typeName : undefined;
      return { source, target, case: body.case, kind: kind?.case, typeName };
    }
    case "custom": {
      const typeName = customTypeName(body.value.message?.typeUrl ?? "");
      return { source, target, case: body.case, kind: undefined, typeName };
    }
    case "other":
      return { source, target, case: body.case, kind: undefined, typeName: body.value.typeName };
    default:
      return { source, target, case: body.case, kind: undefined, typeName: undefined };
  }
}

/** Kinds of frames, and their field numbers. */
interface Kinds {
  readonly names: ReadonlySet<FrameKind>;
  readonly numbers: readonly number[];
}

/** Everything that `forwardMessages` lets across. */
interface Allowed {
  readonly cases: ReadonlySet<BodyCase>;
  readonly kinds: Kinds;
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
  return { cases, kinds: hasOrdinary ? andOrdinary(kinds) : toKinds(kinds), customTypes, pythonTypes };
}

/** An entry need not come from a builder. */
function checkTypeName(field: string, typeName: unknown): void {
  if (typeof typeName !== "string" || typeName === "") {
    throw invalidArgument(`${field}.typeName`, typeName, "must be the name of a type");
  }
}

function toKinds(names: ReadonlySet<FrameKind>): Kinds {
  return { names, numbers: kindNumbers(names) };
}

let ordinary: Kinds | undefined;

/**
 * The kinds that `"frame"` stands for: all with fields of their own but those that start or end things. They are made
 * once, since a server has a policy for each of its sessions.
 */
function ordinaryKinds(): Kinds {
  const isOrdinary = (kind: FrameKind) => kind !== "other" && !frameTraits[kind].lifecycle;
  ordinary ??= toKinds(new Set((Object.keys(frameTraits) as FrameKind[]).filter(isOrdinary)));
  return ordinary;
}

/** The kinds that `"frame"` stands for, and these. */
function andOrdinary(kinds: ReadonlySet<FrameKind>): Kinds {
  const known = ordinaryKinds();
  return kinds.size === 0 ? known : toKinds(new Set([...known.names, ...kinds]));
}

/** Checks the names of a proxy's two agents. Throws INVALID_ARGUMENT that names the option. */
function checkNames(localOption: string, local: string, remote: string): void {
  checkAgentName(localOption, local);
  checkAgentName("remoteAgentName", remote);
  if (local === remote) {
    throw invalidArgument("remoteAgentName", remote, `must differ from ${localOption}`);
  }
}
