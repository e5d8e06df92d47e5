import { Code, StatusError, show } from "../../base/status.js";
import { isOlder } from "../dialect.js";
import { type JsonDialect, type PythonClasses, pythonClassesOf, sinceOf } from "./python-classes.js";

/**
 * The two forms that the tools of a conversation have had: a plain list until pipecat-ai 1.5 and in
 * pipecat-ai-subagents, an object since 1.6. Either loses the whole message to a peer that expects the other.
 */
export type ToolsForm = "flat" | "object";

/** The release of pipecat-ai that changed the form of tools. */
const toolsAreObjectsSince = "1.6.0";

/** The release of pipecat-ai that gave its bus messages what frames have: an `id` and a `name`, in every one of them. */
const messagesHaveNamesSince = "1.8.0";

/** What is known of the peer. */
export interface TypeRulesOptions {
  readonly dialect: JsonDialect;
  /** The release of pipecat-ai that decides what the peer knows. Undefined: all releases are good. */
  readonly pipecatVersion: string | undefined;
  /**
   * The form in which tools are written. Default: the one that the peer uses, else the one of the release that it has
   * shown to have, else the one of the release that it is said to have.
   */
  readonly tools?: ToolsForm | undefined;
}

/**
 * Which Python classes may be named on a wire. Python imports whatever a message names, so that nothing is written
 * that isn't on the schema or in the user's list; and what isn't, nobody here could know.
 */
export class TypeRules {
  readonly dialect: JsonDialect;
  readonly classes: PythonClasses;
  /** The release of pipecat-ai that decides what the peer knows; undefined takes all releases for good. */
  readonly #pipecatVersion: string | undefined;
  readonly #seen = new Set<string>();
  /** The messages of the other dialect, for which `"any"` doesn't stand. */
  readonly #strangers: PythonClasses["bodies"];
  #listed: ReadonlySet<string> | "any" = new Set<string>();

  readonly #tools: ToolsForm | undefined;
  #toolsSeen: ToolsForm | undefined;
  /** The release that the peer has at least, by what it has sent. */
  #releaseShown: string | undefined;

  constructor({ dialect, pipecatVersion, tools }: TypeRulesOptions) {
    this.dialect = dialect;
    this.classes = pythonClassesOf(dialect);
    this.#strangers = pythonClassesOf(dialect === "pipecat" ? "pipecat-subagents" : "pipecat").bodies;
    this.#pipecatVersion = pipecatVersion;
    this.#tools = tools;
  }

  /** The form in which tools are written; undefined where the one that they came in is good. */
  get toolsForm(): ToolsForm | undefined {
    return this.#tools ?? this.#toolsSeen ?? this.#toolsOfRelease();
  }

  /** Notes the form of tools that the peer uses. */
  sawTools(form: ToolsForm): void {
    this.#toolsSeen = form;
  }

  /** Notes that the peer's bus messages have what frames have. Those of pipecat-ai-subagents always had. */
  sawFrameFields(): void {
    this.#releaseShown = messagesHaveNamesSince;
  }

  /** Names the classes beside those of the schema. */
  list(classNames: ReadonlySet<string> | "any"): void {
    this.#listed = classNames;
  }

  /** Whether a value's class may be named at all. */
  knows(className: string): boolean {
    return this.classes.all.has(className) || this.isListed(className);
  }

  /** Whether a class is one of those beside the schema's. */
  isListed(className: string): boolean {
    return this.#listed === "any" ? !this.#strangers.has(className) : this.#listed.has(className);
  }

  /** Notes a class that the peer has sent, which it therefore has. */
  saw(className: string): void {
    if (sinceOf(className) !== undefined) {
      this.#seen.add(className);
    }
  }

  /** Whether the peer has a class of the schema. */
  peerHas(className: string): boolean {
    const since = sinceOf(className);
    return (
      since === undefined ||
      this.#pipecatVersion === undefined ||
      !isOlder(this.#pipecatVersion, since) ||
      this.#seen.has(className)
    );
  }

  /** Throws FAILED_PRECONDITION for a class of the schema that the peer doesn't have. */
  checkPeerHas(className: string): void {
    if (!this.peerHas(className)) {
      const peer =
        this.dialect === "pipecat"
          ? `the peer runs ${this.#pipecatVersion}: set peerVersion if it is newer`
          : "a peer with pipecat-ai-subagents may have an older one beside it";
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `${className} came with pipecat-ai ${sinceOf(className)}, and ${peer}`,
      );
    }
  }

  #toolsOfRelease(): ToolsForm | undefined {
    if (this.dialect === "pipecat-subagents") {
      return "flat";
    }
    if (this.#pipecatVersion === undefined) {
      return undefined;
    }
    return isOlder(this.#releaseShown ?? this.#pipecatVersion, toolsAreObjectsSince) ? "flat" : "object";
  }

  /** Throws INVALID_ARGUMENT for a class that may not be named. `path` says where it stands. */
  checkKnown(className: string, path: string): void {
    if (!this.knows(className)) {
      throw new StatusError(Code.INVALID_ARGUMENT, `${path}: ${this.unknownReason(className)}`, {
        details: [{ type: "badRequest", field: path }],
      });
    }
  }

  /** Why a class may not be named, and what to do about it. */
  unknownReason(className: string): string {
    return this.#strangers.has(className)
      ? `the Python class ${show(className)} is none of dialect ${this.dialect}`
      : `the Python class ${show(className)} is neither on the schema nor listed; add pythonType(${show(className)}) to forwardMessages`;
  }
}
